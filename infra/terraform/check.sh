#!/usr/bin/env bash
# What must hold of the deployment without deploying: format, syntax, refusals and plans on made-up answers of AWS
# (terraform test), and checkov, whose failures are repaired or skipped with a reason where they stand. Needs no account.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
out=$root/target/deploy/check
python=${PYTHON:-python3}

CHECKOV=3.3.30

complain() {
    echo "terraform check: $*" >&2
    exit 1
}
command -v terraform >/dev/null || complain "terraform is missing: https://developer.hashicorp.com/terraform/install"
command -v "$python" >/dev/null || complain "Python 3 is missing (on Debian: apt-get install python3-venv)"
mkdir -p "$out/artifacts"

# Nothing here asks AWS.
export TF_DATA_DIR=$out/terraform TF_IN_AUTOMATION=1 TF_INPUT=0 CHECKPOINT_DISABLE=1
unset AWS_ENDPOINT_URL AWS_PROFILE
export AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none AWS_EC2_METADATA_DISABLED=true
tf() { terraform -chdir=infra/terraform "$@"; }

tf fmt -check -diff -recursive || complain "terraform fmt -recursive infra/terraform would change what stands above"

# Where the machine carries the provider, nothing is downloaded.
mirror=../shared/tools/terraform-mirror
if [[ -x $mirror && ! -e ~/.terraform.d/plugins ]]; then "$mirror" || true; fi
tf init -backend=false -no-color >"$out/init.log" || { cat "$out/init.log"; complain "init failed"; }
tf validate -no-color

# Artifacts that are only there to be there, and more routes than an API takes.
"$python" - "$out" <<'MADE'
import json, pathlib, sys

out = pathlib.Path(sys.argv[1])
routes = json.loads(pathlib.Path("infra/terraform/routes.json").read_text())
for context in {route["context"] for route in routes} | {"accounts"}:
    (out / "artifacts" / f"{context}.zip").write_text("no program\n")
one = {"context": "accounts", "summary": "A row", "access": "anyone", "memory": 256, "timeout": 10, "settings": [], "may": []}
rows = [one | {"name": f"accounts.row_{n}", "trigger": {"type": "http", "method": "GET", "path": f"/{n}"}} for n in range(301)]
(out / "too-many.json").write_text(json.dumps(rows))
MADE
artifacts=-var=artifacts=$out/artifacts
tf test -no-color "$artifacts" -filter=tests/variables.tftest.hcl -filter=tests/routes.tftest.hcl -filter=tests/function.tftest.hcl -filter=tests/web.tftest.hcl
for stage in dev prod; do
    tf test -no-color "$artifacts" -var-file=env/$stage.tfvars -filter=tests/stage.tftest.hcl
done

checkov=$root/target/checkov/bin/checkov
if ! [[ $("$root/target/checkov/bin/python" -m pip freeze 2>/dev/null) =~ checkov==$CHECKOV ]]; then
    "$python" -m venv "$root/target/checkov" || complain "Python has no venv (on Debian: apt-get install python3-venv)"
    "$root/target/checkov/bin/python" -m pip install --quiet --disable-pip-version-check "checkov==$CHECKOV"
fi
"$checkov" --directory infra/terraform --framework terraform --compact --quiet --skip-download \
    --var-file infra/terraform/env/prod.tfvars
