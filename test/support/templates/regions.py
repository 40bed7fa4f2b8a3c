"""Compares infra/regions.ts with the regions that cfn-lint knows to have no EventBridge Pipes."""

import re
import sys
from pathlib import Path

from cfnlint.helpers import REGIONS
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

listed = set(re.findall(r"'([a-z0-9-]+)'", Path(sys.argv[1]).read_text()))
known = {r for r in REGIONS if "AWS::Pipes::Pipe" not in PROVIDER_SCHEMA_MANAGER.get_resource_types(r)}
if listed != known:
    sys.exit(f"infra/regions.ts lists {sorted(listed)}, and cfn-lint knows {sorted(known)}.")
print(f"{len(known)} regions without pipes, as infra/regions.ts says.")
