"""The gateway's addons, loadable by plain ``mitmdump -s``. The order of this list is the architecture.

On the way in: who is it (ClientAuth), what is asked and who answers (Routing), what is answered here (Models),
how it is said (Translation), with which credential (Dispatch), what is kept (Recorder). Failover carries the attempts.
"""

from cliproxy.addons.client_auth import ClientAuth
from cliproxy.addons.configuration import Configuration
from cliproxy.addons.dispatch import Dispatch
from cliproxy.addons.failover import Failover
from cliproxy.addons.models import Models
from cliproxy.addons.recorder import Recorder
from cliproxy.addons.replay import Replay
from cliproxy.addons.routing import Routing
from cliproxy.addons.translation import Translation

client_auth, routing, models = ClientAuth(), Routing(), Models()
translation, dispatch, recorder = Translation(), Dispatch(), Recorder()
replay, failover = Replay(), Failover()

addons = [
    Configuration(client_auth, routing, models, dispatch, recorder, replay, failover),
    client_auth,
    routing,
    models,
    translation,
    dispatch,
    recorder,
    replay,
    failover,
]
