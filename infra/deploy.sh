#!/usr/bin/env bash
# Puts target/package on AWS as a stage, tries it, and says where it is; or takes a stage away again.
#
#   infra/deploy.sh dev            plan, ask, apply, try
#   infra/deploy.sh dev destroy    ask, destroy
#
# YES=1 does not ask. AWS credentials come from the environment, as the AWS CLI takes them.
set -euo pipefail
cd "$(dirname "$0")/terraform"
stage=${1:-dev}
action=${2:-deploy}
root=$PWD/../..

complain() {
    echo "deploy: $*" >&2
    exit 1
}
say() { printf '\n== %s\n' "$*"; }

command -v terraform >/dev/null || complain "terraform is missing: https://developer.hashicorp.com/terraform/install"
command -v curl >/dev/null || complain "curl is missing"
[[ -f env/$stage.tfvars ]] || complain "there is no infra/terraform/env/$stage.tfvars; copy dev.tfvars and name the stage in it"
[[ -f env/$stage.s3.tfbackend ]] || complain "there is no infra/terraform/env/$stage.s3.tfbackend; copy dev.s3.tfbackend"
! grep -q REPLACE "env/$stage.s3.tfbackend" ||
    complain "name your state bucket in infra/terraform/env/$stage.s3.tfbackend (README, \"Deploy it\")"

# Each stage has a folder of its own, so that one stage's state is never written to another's bucket.
export TF_DATA_DIR=$root/target/terraform/$stage TF_IN_AUTOMATION=1 TF_INPUT=0
mkdir -p "$TF_DATA_DIR"
variables=(-var-file="env/$stage.tfvars")

agreed() {
    [[ ${YES:-} == 1 ]] && return
    [[ -t 0 ]] || complain "nobody is here to ask: say YES=1"
    read -r -p "$1 Type the stage's name to go on: " answer
    [[ $answer == "$stage" ]] || complain "nothing was done"
}

say "init"
terraform init -lockfile=readonly -backend-config="env/$stage.s3.tfbackend" -no-color

if [[ $action == destroy ]]; then
    agreed "This takes away all of the stage $stage, its table and pictures with it."
    say "destroy"
    terraform destroy -auto-approve "${variables[@]}"
    exit
fi
[[ $action == deploy ]] || complain "deploy or destroy, not \"$action\""

[[ -f $root/target/package/architecture ]] || complain "target/package is empty: make package"
[[ ! -f $root/target/package/here-only ]] ||
    complain "$(<"$root/target/package/here-only"). Build for Lambda: rustup target add aarch64-unknown-linux-gnu, then make deploy again"
variables+=(-var="architecture=$(<"$root/target/package/architecture")")
say "plan"
terraform plan "${variables[@]}" -out="$TF_DATA_DIR/plan"
agreed "This is what will change in the stage $stage."
say "apply"
terraform apply "$TF_DATA_DIR/plan"

say "try"
api=$(terraform output -raw api_url)
try() { # what, wanted status, path
    local status
    status=$(curl -sS -o /dev/null -w '%{http_code}' --retry 5 --retry-delay 2 --retry-all-errors --max-time 20 "$api$3" || true)
    [[ $status == "$2" ]] || complain "$1: GET $3 answered $status, not $2. Look at the dashboard and the function's log; go back with the last commit that worked: make deploy STAGE=$stage"
    printf '%-48s %s\n' "$1" "$status"
}
try "the districts answer" 200 /regions
try "the feed reads the table" 200 "/listings?region=all"
try "a member's route is closed without a token" 401 /me
try "the keys of the user pool are asked for" 401 /oidc/naver/userinfo

web=$(terraform output -json web_url | tr -d '"')
if [[ $web != null ]]; then
    # A distribution takes some minutes until it is everywhere.
    api=$web try "the client in a browser" 200 /
fi

say "$stage is up"
[[ $web == null ]] || echo "in a browser: $web"
terraform output
