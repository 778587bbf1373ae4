#!/usr/bin/env bash
# The end-to-end tests on an emulator of AWS (MiniStack) that the real Terraform deployed target/package to, with IAM
# enforced; then a second plan, which must change nothing but tests/deploy/known-differences.json; then destroy.
# docs/emulator.md says where the emulator differs from AWS.
#
#   tests/deploy/run.sh                  all of it
#   tests/deploy/run.sh --only-apply     without the tests
#   tests/deploy/run.sh --keep           leave the emulator running after apply, also one that failed, and say where
#   E2E_FILTER=listings:: tests/deploy/run.sh    only tests whose name holds that
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
out=$root/target/deploy
here=tests/deploy
terraform_folder=infra/terraform
package=${PACKAGE:-$root/target/package}

MINISTACK=1.5.33
CRYPTOGRAPHY=50.0.2

complain() {
    echo "test-deploy: $*" >&2
    exit 1
}

keep='' only_apply=''
for argument in "$@"; do
    case $argument in
    --keep) keep=1 only_apply=1 ;;
    --only-apply) only_apply=1 ;;
    *) complain "takes --keep and --only-apply, not \"$argument\"" ;;
    esac
done

phase_began=$SECONDS phase_name=''
finished() {
    [[ -z $phase_name ]] || printf '   %s: %d s\n' "$phase_name" $((SECONDS - phase_began))
    phase_name=''
}
phase() {
    finished
    phase_name=$1 phase_began=$SECONDS
    printf '\n== %s\n' "$1"
}

command -v terraform >/dev/null || complain "terraform is missing: https://developer.hashicorp.com/terraform/install"
command -v python3 >/dev/null || complain "Python 3 is missing (on Debian: apt-get install python3-venv)"
[[ -n $(compgen -G "$package/*.zip") ]] || complain "there is no zip in $package: make package"
# The emulator runs functions as processes of this machine.
machine=$(uname -m)
made_for=$(cat "$package/architecture" 2>/dev/null || echo "${machine/aarch64/arm64}")
[[ ${made_for/arm64/aarch64} == "$machine" ]] || complain "the zips are for $made_for and cannot run here: make test-deploy ARCHITECTURE=${machine/aarch64/arm64}"
[[ -n $only_apply ]] || command -v cargo >/dev/null || complain "cargo is missing: https://rustup.rs"
mkdir -p "$out"

phase "the emulator"
python=$out/venv/bin/python
if ! [[ $("$python" -m pip freeze 2>/dev/null) =~ ministack==$MINISTACK ]]; then
    python3 -m venv "$out/venv" || complain "Python has no venv (on Debian: apt-get install python3-venv)"
    # Without cryptography its tokens are not signed, and it does not say so.
    "$python" -m pip install --quiet --disable-pip-version-check "ministack==$MINISTACK" "cryptography==$CRYPTOGRAPHY"
fi

home=$(mktemp -d "$out/emulator.XXXXXX")
mkdir "$home/tmp"
port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
endpoint=http://127.0.0.1:$port
# It hands its whole environment on to the functions: nothing of ours may be in it. A session of its own, so that the
# functions' processes end with it.
setsid env -i PATH=/usr/bin:/bin HOME="$home" TMPDIR="$home/tmp" LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 \
    BIND_HOST=127.0.0.1 GATEWAY_PORT="$port" AWS_ENDPOINT_URL="$endpoint" AUTH=true \
    AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test IOT_MTLS_ENABLED=0 SFTP_ENABLED=0 LOG_LEVEL=WARNING \
    MINISTACK_COGNITO_PRETOKEN_STRICT=1 "$python" $here/serve.py >"$home/log" 2>&1 &
emulator=$!
stop() {
    local status=$?
    trap - EXIT
    trap '' INT TERM
    if [[ -n $keep && -e $home/ready ]]; then
        disown "$emulator"
        cat <<KEPT

The emulator runs on as process $emulator. Its outputs: $out/outputs.json
Terraform by hand: set -a; . $home/environment; terraform -chdir=$terraform_folder plan ${variables[*]@Q}
End it: kill -- -$emulator; rm -rf $home
KEPT
        exit "$status"
    fi
    kill -TERM -- "-$emulator" 2>/dev/null || true
    for _ in {1..50}; do
        kill -0 -- "-$emulator" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL -- "-$emulator" 2>/dev/null || true
    cp "$home/log" "$out/emulator.log"
    rm -rf "$home"
}
trap stop EXIT
trap 'exit 130' INT TERM

# The emulator's administrator. Functions have the keys of their roles.
export AWS_ENDPOINT_URL=$endpoint AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
export AWS_EC2_METADATA_DISABLED=true AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
unset AWS_PROFILE AWS_SESSION_TOKEN AWS_CA_BUNDLE
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1
"$python" $here/emulator.py prepare "$emulator" || { cat "$home/log" >&2; complain "the emulator did not start"; }
echo "   MiniStack $MINISTACK at $endpoint, process $emulator"

phase "terraform init"
export TF_DATA_DIR=$out/terraform TF_IN_AUTOMATION=1 TF_INPUT=0 CHECKPOINT_DISABLE=1
# Where the machine carries the provider, nothing is downloaded.
mirror=../shared/tools/terraform-mirror
if [[ -x $mirror && ! -e ~/.terraform.d/plugins ]]; then "$mirror" || true; fi
# The state is the emulator's own, behind the backend that stages on AWS have.
cat >"$home/s3.tfbackend" <<BACKEND
bucket         = "madang-state"
key            = "test/terraform.tfstate"
region         = "us-east-1"
use_path_style = true
endpoints      = { s3 = "$endpoint", sts = "$endpoint", iam = "$endpoint" }
BACKEND
tf() { terraform -chdir=$terraform_folder "$@"; }
tf init -reconfigure -backend-config="$home/s3.tfbackend" -no-color >"$out/init.log" || { cat "$out/init.log"; complain "init failed"; }
variables=(-var-file=env/emulator.tfvars -var="artifacts=$package" -var="emulator={endpoint=\"$endpoint\"}" -var="architecture=$made_for")
if [[ -n ${ROUTES_FILE:-} ]]; then variables+=(-var="routes_file=$ROUTES_FILE"); fi
env | grep -E '^(AWS|TF|NO_PROXY)' >"$home/environment"
touch "$home/ready"

phase "apply"
tf apply -auto-approve -no-color "${variables[@]}" >"$out/apply.log" || { tail -n 60 "$out/apply.log"; complain "apply failed; all it said is in target/deploy/apply.log"; }
! grep -A 8 'Warning:' "$out/apply.log" || complain "Terraform warns (above)"
grep 'Apply complete' "$out/apply.log"
tf output -json | "$python" $here/emulator.py outputs "$endpoint" >"$out/outputs.json"

if [[ -n $keep ]]; then
    finished
    exit
fi

if [[ -z $only_apply ]]; then
    phase "build the tests"
    # Of the whole workspace, so that its features are what `make test` built.
    program=$(cargo test --workspace --no-run --message-format=json 2>"$out/build.log" | "$python" $here/emulator.py program tests) ||
        { tail -n 40 "$out/build.log"; complain "the tests do not build"; }

    phase "the tests"
    "$program" --list 2>/dev/null | sed -n 's/: test$//p' | sort >"$out/tests"
    sed -E 's/[[:space:]]*#.*//; /^[[:space:]]*$/d; s/[[:space:]].*//' $here/laptop-only.txt |
        while read -r name; do
            # module::* is all of a module.
            if [[ $name == *'::*' ]]; then grep "^${name%\*}" "$out/tests" || echo "$name"; else echo "$name"; fi
        done | sort -u >"$out/laptop-only"
    gone=$(comm -13 "$out/tests" "$out/laptop-only")
    [[ -z $gone ]] || complain "$here/laptop-only.txt names what is no test: $gone"
    chosen=$(comm -23 "$out/tests" "$out/laptop-only" | grep -F -- "${E2E_FILTER:-}") || complain "no test has \"$E2E_FILTER\" in its name"
    mapfile -t chosen <<<"$chosen"
    echo "   ${#chosen[@]} of $(wc -l <"$out/tests"); $(wc -l <"$out/laptop-only") are for the laptop only"
    # One deployment, one test at a time.
    (cd tests && MADANG_DEPLOYMENT=$out/outputs.json "$program" --test-threads=1 --exact "${chosen[@]}")
fi

phase "a second plan"
tf plan -no-color -detailed-exitcode -out="$home/plan" "${variables[@]}" >"$out/plan.log" || [[ $? == 2 ]] || { tail -n 60 "$out/plan.log"; complain "plan failed"; }
tf show -json "$home/plan" | "$python" $here/differences.py $here/known-differences.json

phase "destroy"
tf destroy -auto-approve -no-color "${variables[@]}" >"$out/destroy.log" || { tail -n 60 "$out/destroy.log"; complain "destroy failed; all it said is in target/deploy/destroy.log"; }
grep 'Destroy complete' "$out/destroy.log"
[[ -z $(tf state list) ]] || complain "the state still holds something: $(tf state list)"
"$python" $here/emulator.py leftovers

finished
echo
echo "deployed, tried and taken away again in $SECONDS s"
