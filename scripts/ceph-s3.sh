#!/usr/bin/env bash
# A real S3 server for the tests: Ceph's RADOS Gateway on one monitor and one object daemon, on 127.0.0.1.
#
#   ceph-s3.sh start DIR PORT     make it in DIR (or go on with what is there) and wait until it answers
#   ceph-s3.sh kill DIR PORT      kill -9 of every part of it, as a power cut would; the objects stay
#   ceph-s3.sh restart DIR PORT   the same as start, after a kill
#   ceph-s3.sh pause DIR PORT     stop the object daemon's process: requests hang; resume lets it go on
#   ceph-s3.sh resume DIR PORT
#   ceph-s3.sh stop DIR PORT      end it and remove DIR
#
# Access key and secret: NII_TEST_S3_ACCESS_KEY and NII_TEST_S3_SECRET_KEY, or the ones below.
# Needs the Debian packages radosgw, ceph-mon, ceph-osd (no manager, no containers) and curl.
set -euo pipefail

usage='usage: ceph-s3.sh start|stop|kill|restart|pause|resume DIR PORT'
command=${1:?$usage} dir=${2:?$usage} port=${3:?$usage}
access_key=${NII_TEST_S3_ACCESS_KEY:-nii-test}
secret_key=${NII_TEST_S3_SECRET_KEY:-nii-test-secret}
mon_port=$((port + 20000))
cluster=6d0e7c1a-52c4-4b7e-9d0b-1f2a3b4c5d6e
osd_id=9a8b7c6d-1e2f-4a3b-8c4d-5e6f7a8b9c0d
# Sockets are made below DIR; the system allows them 107 characters
if [ "${#dir}" -gt 60 ]; then echo "ceph-s3: DIR is too long for unix sockets (60 characters)" >&2; exit 2; fi

pid_of() { cat "$dir/run/$1.pid" 2>/dev/null || echo 0; }
runs() { # a zombie does not count; PORT's own daemons only, by the pid that was noted
  local pid; pid=$(pid_of "$1")
  [ "$pid" != 0 ] && [ -r "/proc/$pid/stat" ] && ! grep -q '^State:[[:space:]]*Z' "/proc/$pid/status"
}
fail() { echo "ceph-s3: $1" >&2; tail -n 15 "$dir"/log/*.out >&2 2>/dev/null || true; exit 1; }
launch() { local part=$1; shift; setsid "$@" >"$dir/log/$part.out" 2>&1 </dev/null & echo $! >"$dir/run/$part.pid"; }
ceph_cmd() { ceph --conf "$dir/ceph.conf" --connect-timeout 20 "$@"; }
wait_for() { # wait_for PART SECONDS COMMAND...: fails when the part ends or the time is over
  local part=$1 tries=$(($2 * 10)); shift 2
  while ! "$@" >/dev/null 2>&1; do
    runs "$part" || fail "$part ended"
    tries=$((tries - 1)); [ $tries -gt 0 ] || fail "$part is not ready in time"
    sleep 0.1
  done
}
# After a pause that outlasts its read leases a lone daemon may keep operations `waiting for readable` for ever; to be told
# that it was down makes it agree on its placement groups, and on the leases, anew.
go_on() {
  kill -CONT "$(pid_of osd)"
  ceph_cmd osd down 0 2>/dev/null
  wait_for osd 30 osd_is_up
}
# A thread that waits for the disk stops only when it has what it waits for.
osd_is_stopped() { ! cut -d' ' -f3 /proc/"$(pid_of osd)"/task/*/stat | grep -qv '^T$'; }
osd_is_up() { ceph_cmd osd stat 2>/dev/null | grep -q ' 1 up'; }
gateway_answers() { curl --silent --fail --max-time 2 --output /dev/null "http://127.0.0.1:$port/"; }

configure() {
  mkdir -p "$dir"/{mon,osd,gateway,run,log}
  # Absolute osd_class_dir: Debian's default is relative, and the gateway then fails with error 95.
  # cephx: without it the gateway loops at start. tcp_nodelay: without it each small GET takes 44 ms.
  cat >"$dir/ceph.conf" <<CONF
[global]
fsid = $cluster
mon_host = [v2:127.0.0.1:$mon_port/0,v1:127.0.0.1:$((mon_port + 1))/0]
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = cephx
auth_service_required = cephx
auth_client_required = cephx
auth_allow_insecure_global_id_reclaim = false
keyring = $dir/keyring
run_dir = $dir/run
admin_socket = $dir/run/\$name.\$pid.asok
pid_file =
log_file = $dir/log/\$name.log
crash_dir = $dir/log
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 8
osd_pool_default_pgp_num = 8
osd_pool_default_pg_autoscale_mode = off
osd_pool_default_read_lease_ratio = 0.05
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
mon_data_avail_warn = 1
mon_data_avail_crit = 1
paxos_propose_interval = 0.05
paxos_min_wait = 0.01
[mon]
mon_data = $dir/mon
[osd]
osd_data = $dir/osd
bluestore_block_size = 8589934592
osd_memory_target = 939524096
osd_class_dir = /usr/lib/$(uname -m)-linux-gnu/rados-classes
osd_class_load_list = *
osd_class_default_list = *
[client]
rgw_data = $dir/gateway
rgw_rados_pool_pg_num_min = 8
rgw_thread_pool_size = 32
rgw_frontends = beast endpoint=127.0.0.1:$port tcp_nodelay=1
CONF
  ceph-authtool --create-keyring "$dir/keyring" --gen-key --name mon. --cap mon 'allow *' >/dev/null
  ceph-authtool "$dir/keyring" --gen-key --name client.admin --cap mon 'allow *' --cap osd 'allow *' >/dev/null
  ceph-authtool "$dir/keyring" --gen-key --name osd.0 --cap mon 'allow profile osd' --cap osd 'allow *' >/dev/null
  monmaptool --create --clobber --fsid "$cluster" \
    --addv a "[v2:127.0.0.1:$mon_port,v1:127.0.0.1:$((mon_port + 1))]" "$dir/monmap" >/dev/null
  ceph-mon --conf "$dir/ceph.conf" --mkfs --id a --monmap "$dir/monmap" --keyring "$dir/keyring" \
    >"$dir/log/mon-make.out" 2>&1 || fail 'the monitor cannot be made'
}

make_osd() {
  ceph_cmd osd new "$osd_id" >/dev/null || fail 'the object daemon is not accepted'
  ceph-osd --conf "$dir/ceph.conf" --id 0 --mkfs --osd-uuid "$osd_id" >"$dir/log/osd-make.out" 2>&1 ||
    fail 'the object daemon cannot be made'
}

make_user() {
  timeout 60 radosgw-admin --conf "$dir/ceph.conf" user create --uid=nii-test --display-name=nii-test \
    --access-key="$access_key" --secret-key="$secret_key" >"$dir/log/user.out" 2>&1 || fail 'no user can be made'
  touch "$dir/made"
}

start() {
  [ ! -d "$dir" ] || [ -e "$dir/made" ] || rm -rf "$dir" # left half made by a kill
  [ -e "$dir/made" ] || configure
  launch mon ceph-mon --conf "$dir/ceph.conf" --foreground --id a
  # After a kill the map still has the daemon up, and the gateway would wait 10 s for it
  if [ -e "$dir/made" ]; then ceph_cmd osd down 0 2>/dev/null || true; else make_osd; fi
  launch osd ceph-osd --conf "$dir/ceph.conf" --foreground --id 0
  wait_for osd 30 osd_is_up
  [ -e "$dir/made" ] || make_user
  launch gateway radosgw --conf "$dir/ceph.conf" --name client.admin --foreground
  wait_for gateway 60 gateway_answers
  echo "S3 answers at http://127.0.0.1:$port"
}

# The gateway first: on TERM it does not end once the object daemon is gone
end_all() {
  for part in gateway osd mon; do
    if runs "$part"; then
      kill -9 "$(pid_of "$part")" 2>/dev/null || true
      for _ in $(seq 100); do runs "$part" || break; sleep 0.05; done
    fi
    rm -f "$dir/run/$part.pid"
  done
}

case $command in
  start | restart) start ;;
  kill) end_all ;;
  stop) end_all; rm -rf "$dir" ;;
  pause) kill -STOP "$(pid_of osd)"; wait_for osd 10 osd_is_stopped ;;
  resume) go_on ;;
  *) echo "$usage" >&2; exit 2 ;;
esac
