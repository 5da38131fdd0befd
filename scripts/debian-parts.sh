#!/usr/bin/env bash
# debian-parts.sh [PART...] : brings what the tests use of Debian, and says for each part whether it is there.
#
#   dicom    dcmtk, dicom3tools, gdcm, pydicom, numpy, pillow, tifffile: second readers of what we write
#   orthanc  Orthanc with its DICOMweb plugin: an archive that knows nothing of us
#   prometheus  the server that reads our metrics
#   contain  bubblewrap, which contains converters and models best; gcc, for a test's broken decoder; ip, for one without network
#   disk     XFS and ext4 on images, for power cuts
#   syslog   rsyslog with TLS: a SIEM's receiver that knows nothing of us
#   nginx    the reverse proxy that stands before several processes of ours
#   postgres  PostgreSQL's server and pg_basebackup: a primary with its standby; the distribution's own server is not started
#   systemd  checks the unit in deploy/; it need not run
#   onnx     the ONNX runtime for Python: a second build of it, which must give the same numbers
#   pdf      poppler and zbar: readers of the search orders that we print
#   chromium  the browser in which the page is tested
#   s3       Ceph's RADOS Gateway: a real S3 server; not wanted when NII_TEST_S3_URL names one
#
# Installs without asking when CI=true, after asking when a person is at a terminal, and else not at all.
# stdout: one line a part, "part<TAB>ready" or "part<TAB>missing<TAB>why". Everything else goes to stderr.
# Ends with 0 when every part is ready, with 3 when one is missing.
set -euo pipefail

policy=/usr/sbin/policy-rc.d
aside=$policy.before-nii-hub
mark='placed by nii-hub while it installs test tools'

packages_of() {
  case $1 in
    dicom)
      echo dcmtk dicom3tools libgdcm-tools python3-pydicom python3-gdcm python3-numpy python3-pil python3-tifffile ;;
    orthanc) echo orthanc orthanc-dicomweb ;;
    prometheus) echo prometheus ;;
    contain) echo bubblewrap gcc libc6-dev iproute2 ;;
    nginx) echo nginx openssl ;;
    postgres) echo postgresql ;;
    systemd) echo systemd ;;
    chromium) echo chromium-headless-shell ;;
    onnx) echo python3-onnxruntime python3-numpy ;;
    pdf) echo poppler-utils zbar-tools ;;
    disk) echo xfsprogs e2fsprogs mount ;;
    syslog) echo rsyslog rsyslog-gnutls openssl ;;
    s3) echo radosgw ceph-mon ceph-osd ceph-common curl procps ;;
    *) return 1 ;;
  esac
}

# bash's `command -v` also names a file that nobody may run
have() { local c; for c in "$@"; do [ -x "$(command -v "$c")" ] || return 1; done; }

# By what runs, not by who installed it.
works() {
  case $1 in
    dicom)
      have dcmdump dcmftest dcmdjpls dciodvfy gdcmconv &&
        /usr/bin/python3 -c 'import gdcm, numpy, PIL, pydicom, tifffile' 2>/dev/null ;;
    prometheus) have prometheus promtool ;;
    contain) have bwrap gcc && { have ip || [ -x /usr/sbin/ip ]; } ;;
    disk) PATH=$PATH:/usr/sbin have mkfs.xfs mkfs.ext4 losetup ;;
    syslog)
      have openssl && { have rsyslogd || [ -x /usr/sbin/rsyslogd ]; } &&
        ls /usr/lib/*/rsyslog/lmnsd_gtls.so >/dev/null 2>&1 ;;
    nginx) have openssl && { have nginx || [ -x /usr/sbin/nginx ]; } ;;
    postgres) ls /usr/lib/postgresql/*/bin/pg_basebackup /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 ;;
    systemd) have systemd-analyze ;;
    chromium) have chromium-headless-shell ;;
    onnx) /usr/bin/python3 -c 'import numpy, onnxruntime' 2>/dev/null ;;
    pdf) have pdftotext pdftoppm pdfinfo zbarimg ;;
    orthanc) have Orthanc && ls /usr/share/orthanc/plugins/*DicomWeb* >/dev/null 2>&1 ;;
    s3) have radosgw radosgw-admin ceph ceph-mon ceph-osd ceph-authtool monmaptool curl ps ;;
  esac
}

# Several of these packages start a daemon of their own when they are installed; a policy-rc.d that answers 101 is
# Debian's way of saying no. One that was there before is put back.
deny_services() {
  if [ -e $policy ] && ! grep -q "$mark" $policy; then $as_root mv $policy $aside; fi
  printf '#!/bin/sh\n# %s\nexit 101\n' "$mark" | $as_root tee $policy >/dev/null
  $as_root chmod 755 $policy
}

allow_services() {
  if [ -e $policy ] && grep -q "$mark" $policy; then $as_root rm -f $policy; fi
  if [ -e $aside ]; then $as_root mv -f $aside $policy; fi
}

apt() {
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=3 -o DPkg::Lock::Timeout=180 "$@" \
    >&2 </dev/null
}

# $1: the packages. The traps also hold when apt fails or the person gives up.
install() {
  trap allow_services EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  deny_services
  # shellcheck disable=SC2086 # a list of names
  apt update && apt install --no-install-recommends $1 || echo "debian-parts: apt-get failed" >&2
  allow_services
  trap - EXIT INT TERM HUP
}

# Says why nothing is going to be installed; says nothing when it is.
why_not() {
  if ! have apt-get; then echo 'this is not Debian'; return; fi
  if [ "$(id -u)" != 0 ] && ! have sudo; then echo 'installing needs root'; return; fi
  if [ "${CI:-}" = true ]; then return; fi
  if [ ! -t 0 ] || [ ! -t 2 ]; then echo 'not installed, and nobody to ask: run scripts/debian-parts.sh in a terminal'; return; fi
  printf 'The tests use these Debian packages: %s\nInstall them now with apt-get? [y/N] ' "$1" >&2
  local answer=''
  read -r answer || true
  case $answer in [yY]*) ;; *) echo 'not wanted' ;; esac
}

as_root=''
[ "$(id -u)" = 0 ] || as_root=sudo
[ "${CI:-}" != true ] || [ -z "$as_root" ] || as_root='sudo -n'

parts=("$@")
[ ${#parts[@]} -gt 0 ] || parts=(dicom orthanc prometheus contain nginx postgres systemd disk syslog chromium onnx pdf s3)
wanted=''
for part in "${parts[@]}"; do
  packages=$(packages_of "$part") || { echo "debian-parts: no such part: $part" >&2; exit 2; }
  works "$part" || wanted+="$packages "
done
reason=''
if [ -n "$wanted" ]; then
  reason=$(why_not "$wanted")
  [ -n "$reason" ] || install "$wanted"
fi

status=0
for part in "${parts[@]}"; do
  if works "$part"; then printf '%s\tready\n' "$part"; continue; fi
  printf '%s\tmissing\t%s (%s)\n' "$part" "${reason:-apt-get could not install it}" "$(packages_of "$part")"
  status=3
done
exit $status
