"""How hard property tests try: quick by default, as hard as `HYPOTHESIS_EXAMPLES` says in a campaign."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "dpms",
    max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "200")),
    deadline=None,  # a busy machine is no defect
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("dpms")
