#!/bin/sh
# Makes a throw-away SoftHSMv2 token and prints what to export to use it.
#
#   eval "$(softhsm-config/make-token.sh)"          in a new directory under ${TMPDIR:-/tmp}
#   eval "$(softhsm-config/make-token.sh DIR)"      in DIR, which must not exist
#
# The token is labelled "try"; its random PINs are in DIR/pin and DIR/so-pin, readable by you alone. It is for tests and
# for trying the client: softhsm2-util takes PINs as arguments only, where other users can see them for a moment.
# To be rid of it: rm -r DIR
set -eu
umask 077

fail() {
    echo "make-token.sh: $1" >&2
    exit 1
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
command -v softhsm2-util > /dev/null || fail 'softhsm2-util is not installed; on Debian: apt-get install softhsm2'

module=
for candidate in ${HSM_MODULE:-} /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so \
    /usr/lib64/pkcs11/libsofthsm2.so /usr/lib64/libsofthsm2.so /usr/local/lib/softhsm/libsofthsm2.so \
    /opt/homebrew/lib/softhsm/libsofthsm2.so; do
    case $candidate in
    *softhsm*) if [ -f "$candidate" ]; then module=$candidate && break; fi ;;
    esac
done
[ -n "$module" ] || fail 'found no libsofthsm2.so; name it: HSM_MODULE=/path/to/libsofthsm2.so'

if [ $# -gt 0 ]; then
    mkdir -- "$1" || fail "choose a directory that does not exist"
    dir=$(CDPATH='' cd -- "$1" && pwd)
else
    dir=$(mktemp -d "${TMPDIR:-/tmp}/softhsm-XXXXXX")
fi
case $dir in
*[!A-Za-z0-9._/+-]*) fail "the path $dir has a character that this script does not quote" ;;
esac

mkdir "$dir/tokens"
sed "s|@TOKENDIR@|$dir/tokens|" "$here/softhsm2.conf" > "$dir/softhsm2.conf"
for name in pin so-pin; do
    od -An -N8 -tx1 /dev/urandom | tr -d ' \n' > "$dir/$name"
done

SOFTHSM2_CONF=$dir/softhsm2.conf softhsm2-util --module "$module" --init-token --free --label try \
    --pin "$(cat "$dir/pin")" --so-pin "$(cat "$dir/so-pin")" >&2 || fail 'softhsm2-util made no token'

cat << EXPORTS
export SOFTHSM2_CONF=$dir/softhsm2.conf
export HSM_MODULE=$module
export HSM_TOKEN=try
export HSM_PIN_SOURCE=file:$dir/pin
export HSM_SO_PIN_SOURCE=file:$dir/so-pin
export HSM_STORE=$dir/keyring.db
EXPORTS
