"""The gateway's addons, loadable by plain ``mitmdump -s``. The order of this list is the architecture.

On the way in: who is it (ClientAuth), what is asked and who answers (Routing), what is answered here (Models),
how it is said (Translation), with which credential (Dispatch), what is noted (Annotations) and kept (Recorder).
Failover carries the attempts.
"""

from cliproxy.addons.accounts.offers import Offers
from cliproxy.addons.accounts.signed_in import SignedIn
from cliproxy.addons.annotations import Annotations
from cliproxy.addons.answers import Answers
from cliproxy.addons.assist import Assist
from cliproxy.addons.client_auth import ClientAuth
from cliproxy.addons.configuration import Configuration
from cliproxy.addons.cors import Cors
from cliproxy.addons.counting import Counting
from cliproxy.addons.discretion import Discretion
from cliproxy.addons.disk_cap import DiskCap
from cliproxy.addons.dispatch import Dispatch
from cliproxy.addons.egress import Egress
from cliproxy.addons.ended import Endings
from cliproxy.addons.events import Events
from cliproxy.addons.exchange_log import ExchangeLog
from cliproxy.addons.failover import Failover
from cliproxy.addons.kept import Kept
from cliproxy.addons.limits.client_limits import ClientLimits, LimitHeaders
from cliproxy.addons.logs import Logs
from cliproxy.addons.management.api import Management
from cliproxy.addons.management.resources import Parts, Resources
from cliproxy.addons.models import Models
from cliproxy.addons.owners import Owners
from cliproxy.addons.pass_through import PassThrough
from cliproxy.addons.recent import Recent
from cliproxy.addons.recorder import Recorder
from cliproxy.addons.reload import Reload
from cliproxy.addons.replay import Replay
from cliproxy.addons.responses.continuing import Continuing
from cliproxy.addons.responses.keeper import Keeper
from cliproxy.addons.responses.keeping import Keeping
from cliproxy.addons.responses.retrieval import Retrieval
from cliproxy.addons.responses.threads import Holders, Threads
from cliproxy.addons.responses.upgrade import Upgrade
from cliproxy.addons.routing import Routing
from cliproxy.addons.shutdown import Shutdown
from cliproxy.addons.state.shared import Shared
from cliproxy.addons.telemetry import Telemetry
from cliproxy.addons.translation import Translation
from cliproxy.addons.upload_auth import UploadAuth
from cliproxy.addons.usage.ledger import Ledger
from cliproxy.addons.usage.usage import Flusher, Usage
from cliproxy.addons.views import Views
from cliproxy.addons.webhooks import Webhooks
from cliproxy.addons.worker import Worker

logs, shutdown, replay, shared = Logs(), Shutdown(), Replay(), Shared()
cors = Cors()
owners = Owners(lambda: shared.store)
client_auth, upgrade, routing, models = ClientAuth(), Upgrade(), Routing(), Models()
webhooks, telemetry = Webhooks(), Telemetry()
accounts = SignedIn(webhooks.tell)
translation, dispatch, recorder, failover = Translation(), Dispatch(shared, webhooks, accounts), Recorder(), Failover()
recent, ledger = Recent(shared), Ledger(shared)
usage, client_limits, disk_cap = Usage(shared, ledger), ClientLimits(shared, webhooks), DiskCap()
discretion = Discretion()
endings = Endings([recent, usage, client_limits, Events(webhooks), ExchangeLog()])
keeper = Keeper(lambda: shared.store)
continuing, retrieval, keeping, threads = Continuing(keeper), Retrieval(keeper), Keeping(keeper), Threads(keeper)
resources, kept = Resources(), Kept(recorder)
management = Management(resources, shared)

configuration = Configuration(
    replay,
    accounts,
    [
        shared,
        logs,
        shutdown,
        management,
        client_auth,
        upgrade,
        routing,
        models,
        keeper,
        retrieval,
        dispatch,
        recorder,
        failover,
        webhooks,
        client_limits,
        cors,
        disk_cap,
        endings,
        discretion,
    ],
)

resources.speaks_for(Parts(configuration, logs, recent, models, shared, ledger, dispatch, accounts, webhooks, shutdown))

addons = [
    Worker(shutdown),
    configuration,
    logs,
    shutdown,
    management,
    client_auth,
    UploadAuth(owners, client_auth),
    upgrade,
    routing,
    models,
    Assist(),
    client_limits,
    keeper,
    retrieval,
    continuing,
    threads,
    translation,
    LimitHeaders(client_limits),
    discretion,
    dispatch,
    Counting(),
    PassThrough(owners),
    keeping,
    Holders(keeper),
    Annotations(),
    recorder,
    usage,
    endings,
    Flusher([recent, ledger]),
    disk_cap,
    telemetry,
    webhooks,
    Answers(),
    cors,
    Reload(configuration),
    accounts,
    Offers(accounts),
    replay,
    Egress(),
    failover,
    Views(kept.exchange),
    kept,
    shared,
]
