"""Says in the log how each exchange ended, in the one line that its flow and its recording have too."""

from __future__ import annotations

import logging

from . import recordings
from .ended import Ended
from .exchange import Exchange

logger = logging.getLogger(__name__)


class ExchangeLog:
    def ended(self, told: Ended, call: Exchange) -> None:
        if call.uncounted:  # that line says how many tokens were estimated
            return
        asked = recordings.asked_model(call.sent, call.body)
        known = {**call.facts(), "asked": asked, "status": told.status, "seconds": told.seconds}
        logger.info("%s · %s%s", told.id, recordings.comment(known), " · the client left" if told.partial else "")
