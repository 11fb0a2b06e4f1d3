#!/usr/bin/env bash
# Makes the keys of a staging network: the secrets into a file for its operators, the public keys for the runtime's genesis.
#
# Usage: scripts/staging-keys.sh SECRETS_FILE [VALIDATORS]
#
# Makes VALIDATORS (4) mnemonics. SECRETS_FILE gets them, readable by you alone: hand each to its operator, then delete the
# file. The table printed goes into runtime/src/genesis/staging.rs. The account signs with the mnemonic itself; the session
# keys derive from it: //babe, //grandpa (ed25519), //beefy (ecdsa) and //authority_discovery.
# shellcheck source=scripts/lib/common.sh
source "$(dirname "$0")/lib/common.sh"

case ${1:-} in
-h | --help) help && exit ;;
'') fail "Which file shall hold the secrets?" "For example: scripts/staging-keys.sh ~/staging-secrets.txt" ;;
-*) fail "Unknown option $1." "scripts/staging-keys.sh --help tells what it does." ;;
esac
SECRETS=$(from_caller "$1")
VALIDATORS=${2:-4}
[[ $VALIDATORS =~ ^[1-9][0-9]?$ ]] || fail "$VALIDATORS is not a number of validators from 1 to 99."
[ ! -e "$SECRETS" ] || fail "$SECRETS exists already." "Name another file: secrets are never overwritten."
case $SECRETS in "$ROOT"/*) fail "$SECRETS lies in the checkout." "Secrets belong outside of it, so that no commit can take them along." ;; esac
need_node

# public_key SCHEME SECRET_URI -> hex without 0x. The secret goes through a file of our own, so that no process list shows it.
public_key() {
	local scheme=$1 uri=$2 file
	file=$(mktemp)
	printf '%s' "$uri" >"$file"
	"$NODE_BIN" key inspect --output-type json --scheme "$scheme" "$file" | jq -r .publicKey | sed 's/^0x//'
	rm -f "$file"
}

umask 077
: >"$SECRETS"
for index in $(seq 1 "$VALIDATORS"); do
	phrase=$("$NODE_BIN" key generate --words 24 --output-type json | jq -r .secretPhrase)
	printf 'validator %d: %s\n' "$index" "$phrase" >>"$SECRETS"
	cat <<RUST
	PublicKeys {
		account: hex!("$(public_key sr25519 "$phrase")"),
		babe: hex!("$(public_key sr25519 "$phrase//babe")"),
		grandpa: hex!("$(public_key ed25519 "$phrase//grandpa")"),
		beefy: hex!("$(public_key ecdsa "$phrase//beefy")"),
		authority_discovery: hex!("$(public_key sr25519 "$phrase//authority_discovery")"),
	},
RUST
done
say "The secrets are in $SECRETS: hand each to its operator, then delete the file."
