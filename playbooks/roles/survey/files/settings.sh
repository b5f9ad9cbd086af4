#!/bin/sh
# The settings of this host as they are in effect: one JSON object, the fields of hospital/surveyed/host.py.
# Changes nothing and asks no other machine. What is absent or cannot be read is null, which never looks like a
# setting. Neither a hash of a password nor a private key is printed.
set -u
LC_ALL=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# Lines into JSON. awk alone: a host need not have more.
quoting='function quoted(text) {
  gsub(/[\\"]/, "\\\\&", text); gsub(/\t/, " ", text); gsub(/[^ -~]/, "?", text); return "\"" text "\""
}'
listed() { awk "$quoting"'{ printf "%s%s", (NR > 1 ? ", " : "["), quoted($0) } END { print NR ? "]" : "[]" }'; }
word() { awk "$quoting"'NR == 1 { found = $0 } END { print found == "" ? "null" : quoted(found) }'; }
number() { awk 'NR == 1 && /^[0-9]+$/ { found = $0 } END { print found == "" ? "null" : found + 0 }'; }
# "key value" lines into an object: a key given twice holds both values, or only the `last`; nothing is null.
table() {
  awk -v last="${1:-}" "$quoting"'NF {
    key = $1; sub(/^[ \t]*[^ \t]+[ \t]*/, ""); sub(/[ \t]+$/, "")
    if (!(key in value)) { order[++count] = key; value[key] = $0 }
    else value[key] = last ? $0 : value[key] " " $0
  }
  END {
    if (!count) { print "null"; exit }
    for (i = 1; i <= count; i++) printf "%s%s: %s", (i > 1 ? ", " : "{"), quoted(order[i]), quoted(value[order[i]])
    print "}"
  }'
}
# "key = value" lines of configuration files that need not exist.
settings() { cat "$@" 2>/dev/null | sed -e 's/#.*//' -e 's/[[:space:]]*=[[:space:]]*/ /' | table last; }
have() { command -v "$1" >/dev/null 2>&1; }
among() { grep -qxE "$1" <<NAMES
$running
NAMES
}
day() { date -u -r "$1" +%F 2>/dev/null; }
newest() { ls -td "$@" 2>/dev/null | head -n 1; }

separator='{'
fact() { printf '%s\n"%s": %s' "$separator" "$1" "${2:-null}"; separator=','; }

# Without the kernel's own threads, which have no command line.
running=$(grep -sl . /proc/[0-9]*/cmdline | sed 's/cmdline$/comm/' | xargs cat 2>/dev/null | sort -u)

accounts() {
  awk -F: "$quoting"'
    FILENAME == "/etc/shadow" { secret[$1] = $2; changed[$1] = $3; most[$1] = $5; next }
    {
      field = $1 in secret ? secret[$1] : $2; state = "set"; kind = ""
      if (field == "") state = "none"
      else if (field ~ /^[!*x]/) state = "locked"
      else if (split(field, part, "$") > 2) kind = part[2]
      else kind = "des"
      printf "%s{\"name\": %s, \"uid\": %d, \"home\": %s, \"shell\": %s, \"password\": \"%s\", \"hash\": %s, " \
        "\"changed\": %d, \"maxDays\": %d}", count++ ? ", " : "[", quoted($1), $3, quoted($6), quoted($7), state,
        quoted(kind), changed[$1], most[$1] == "" ? 99999 : most[$1]
    }
    END { print "]" }' /etc/shadow /etc/passwd
}

last_logins() {  # name and day of those who ever logged in
  awk 'BEGIN { split("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", name, " "); for (i in name) month[name[i]] = i }
    NR > 1 && $(NF - 4) in month && !/Never logged in/ {
      printf "%s %d-%02d-%02d\n", $1, $NF, month[$(NF - 4)], $(NF - 3)
    }'
}

keys() {  # "file kind bits" of every key that opens an account or proves this host
  {
    sshd -T 2>/dev/null | awk '$1 == "hostkey" { print $2 }'
    ls /etc/ssh/authorized_keys/* 2>/dev/null
    cut -d: -f6 /etc/passwd | sort -u | while read -r home; do ls "$home"/.ssh/authorized_keys* 2>/dev/null; done
  } | while read -r file; do
    [ -s "$file" ] && ssh-keygen -lf "$file" 2>/dev/null |
      awk -v file="$file" '{ gsub(/[()]/, "", $NF); print file, $NF, $1 }'
  done
}

sudo_rules() {
  for file in /etc/sudoers /etc/sudoers.d/*; do
    case ${file#/etc/sudoers.d/} in *~ | *.*) continue ;; esac
    cat "$file" 2>/dev/null
  done | sed -e ':join' -e '/\\$/{N;s/\\\n//;b join' -e '}' -e 's/#.*//' -e '/^[[:space:]]*$/d' | tr -s ' \t' ' '
}

listening() {
  ss -H -lntup | awk "$quoting"'{
    port = address = $5; sub(/.*:/, "", port); sub(/:[^:]*$/, "", address); gsub(/[][]/, "", address)
    sub(/%.*/, "", address); program = ""
    if (match($0, /\(\("[^"]*/)) program = substr($0, RSTART + 3, RLENGTH - 3)
    line = sprintf("{\"protocol\": %s, \"address\": %s, \"port\": %d, \"program\": %s}", quoted($1), quoted(address),
      port, quoted(program))
    if (!(line in seen)) { seen[line] = 1; printf "%s%s", count++ ? ", " : "[", line }
  } END { print count ? "]" : "[]" }'
}

input_policy() {  # what becomes of a packet to this host that no rule of its firewall lets in
  {
    have nft && nft list ruleset 2>/dev/null
    have iptables && iptables -S INPUT 2>/dev/null
    have firewall-cmd && firewall-cmd --state 2>/dev/null | sed 's/^running$/hook input policy drop/'
  } | awk '/hook input/ { inside = 1; if (/policy drop/) drops = 1 }
    inside && /^[ \t]*(counter [a-z0-9 ]*)?(drop|reject)([ \t]+with.*)?$/ { drops = 1 }
    /^[ \t]*}/ { inside = 0 }
    /^-P INPUT DROP/ || /^-A INPUT -j (DROP|REJECT)/ { drops = 1 }
    END { print drops ? "drop" : "accept" }'
}

log_days() {  # logrotate: file and days that it is kept
  for file in /etc/logrotate.conf /etc/logrotate.d/*; do cat "$file" 2>/dev/null; echo; done | awk '
    { sub(/#.*/, "") }
    /daily/ { every = 1 } /weekly/ { every = 7 } /monthly/ { every = 30 } /yearly/ { every = 365 }
    $1 == "rotate" { rotate = $2 } $1 == "maxage" { most = $2 }
    !inside { general_every = every; general_rotate = rotate; general_most = most }
    !inside { for (i = 1; i <= NF; i++) if ($i ~ /^"?\//) { path = $i; gsub(/[{"]/, "", path); held[++count] = path } }
    /{/ { inside = 1 }
    /}/ {
      days = rotate * every; if (most != "" && most < days) days = most
      for (i = 1; i <= count; i++) print held[i], days + 0
      inside = count = 0; every = general_every; rotate = general_rotate; most = general_most
    }' | grep -E '^/var/log/(messages|secure|auth\.log|syslog|cron|kern\.log|audit)' || true
}

log_targets() {
  grep -hsE '^[^#]*([[:space:]]@{1,2}[[(]?[[:alnum:]]|omfwd|omrelp)' /etc/rsyslog.conf /etc/rsyslog.d/*.conf
  grep -hsE '^[^#]*(network|syslog)\(' /etc/syslog-ng/syslog-ng.conf /etc/syslog-ng/conf.d/*.conf
  among 'systemd-journal.*' &&
    grep -hsE '^URL=' /etc/systemd/journal-upload.conf /etc/systemd/journal-upload.conf.d/*.conf
  grep -qsE '^active *= *yes' /etc/audit/plugins.d/au-remote.conf &&
    grep -hsE '^remote_server' /etc/audit/audisp-remote.conf
  true
}

clock() {  # whether it is in step, as the daemon says, or else the kernel, which knows of every daemon
  if among chronyd && have chronyc; then
    if chronyc -n tracking 2>/dev/null | grep -qE 'Leap status *: Normal'; then echo true; else echo false; fi
  else case $(timedatectl show -p NTPSynchronized --value 2>/dev/null) in
    yes) echo true ;; no) echo false ;; *) echo null ;; esac
  fi
}

audit_state() {  # without a daemon that writes it down the audit is as good as off
  awk '$1 == "enabled" { enabled = $2 } $1 == "pid" { daemon = $2 } END { if (NR) print (daemon ? enabled : 0) }'
}

mandatory_access() {
  if have getenforce && [ "$(getenforce)" != Disabled ]; then echo "selinux $(getenforce)" | tr '[:upper:]' '[:lower:]'
  elif [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ]; then
    echo "apparmor $(grep -c '(enforce)' /sys/kernel/security/apparmor/profiles 2>/dev/null)"
  elif have getstatus; then getstatus 2>/dev/null | tr '[:upper:]' '[:lower:]' | head -n 1
  else echo none; fi
}

data_devices() {  # where databases keep their files, and whether a layer below encrypts
  for path in /var/lib/postgresql /var/lib/pgsql /var/lib/mysql /var/lib/opengauss /opt/Kingbase /dm8 /data; do
    [ -d "$path" ] || continue
    device=$(findmnt -nvo SOURCE -T "$path" 2>/dev/null | head -n 1)
    layers=$(lsblk -nrso TYPE "$device" 2>/dev/null | sort -u)
    case $layers in '') echo "$path unknown" ;; *crypt*) echo "$path encrypted" ;; *) echo "$path plain" ;; esac
  done
}

security_updates() {  # known to be missing, by the lists that are here already
  if have apt-get; then
    ls /var/lib/apt/lists/*Release >/dev/null 2>&1 &&
      apt-get -s -o Debug::NoLocking=1 upgrade 2>/dev/null | grep -cE '^Inst .*[Ss]ecurity'
  elif have dnf; then
    dnf -C -q updateinfo list --security 2>/dev/null | grep -cE '/Sec|security'
  elif have yum; then
    yum -C -q updateinfo list security 2>/dev/null | grep -cE '/Sec|security'
  fi
}

secure_boot() {
  variable=$(newest /sys/firmware/efi/efivars/SecureBoot-*)
  [ -n "$variable" ] && od -An -tu1 "$variable" 2>/dev/null |
    awk '{ last = $NF } END { print (last == 1 ? "true" : "false") }'
}

profile() {  # what a login shell ends up with
  env -i HOME=/nonexistent "PATH=$PATH" timeout 10 sh -c '. /etc/profile >/dev/null 2>&1
    if [ -n "${TMOUT:-}" ]; then echo "idle $TMOUT"; (TMOUT=1) 2>/dev/null || echo readonly; fi' 2>/dev/null
}

fact kernel "$(uname -r | word)"
fact machine "$(uname -m | word)"
fact cpu "$(awk -F ': ' '/^(vendor_id|CPU implementer|CPU Family)[ \t]*:/ { print $2; exit }' /proc/cpuinfo | word)"
fact release "$(sed -e 's/"//g' -e 's/=/ /' /etc/os-release 2>/dev/null |
  grep -E '^(ID|NAME|VERSION_ID|PRETTY_NAME|SUPPORT_END) ' | table)"
fact sshd "$(sshd -T 2>/dev/null | table)"
fact sshKeys "$(have ssh-keygen && keys | listed)"
fact accounts "$(accounts)"
for command in lastlog lastlog2 ''; do have "$command" && break; done
fact lastLogins "$([ -n "$command" ] && "$command" 2>/dev/null | last_logins | table | sed 's/^null$/{}/')"
fact homes "$(cut -d: -f6 /etc/passwd | sort -u | xargs stat -Lc '%n %a %U' 2>/dev/null | table)"
fact definitions "$(grep -E '^(PASS_|UMASK|ENCRYPT_METHOD|UID_MIN)' /etc/login.defs 2>/dev/null | table last)"
fact pam "$([ -d /etc/pam.d ] && grep -HsvE '^[[:space:]]*(#|$)' /etc/pam.d/* |
  sed -e 's!^/etc/pam.d/!!' -e 's/:/ /' | tr -s ' \t' ' ' | listed)"
fact passwordQuality "$(settings /etc/security/pwquality.conf /etc/security/pwquality.conf.d/*.conf)"
fact lockout "$(settings /etc/security/faillock.conf)"
idle=$(profile)
fact shellIdleSeconds "$(echo "$idle" | sed -n 's/^idle //p' | number)"
fact shellIdleFixed "$(if echo "$idle" | grep -qx readonly; then echo true; else echo false; fi)"
fact sudo "$([ -r /etc/sudoers ] && sudo_rules | listed)"
fact files "$(stat -Lc '%n %a %U %G' /etc/passwd /etc/group /etc/shadow /etc/shadow- /etc/gshadow /etc/gshadow- \
  /etc/security/opasswd /etc/sudoers /etc/sudoers.d /etc/ssh/sshd_config /etc/ssh/ssh_host_*_key /etc/pam.d \
  /etc/profile /etc/crontab /etc/cron.d /etc/cron.hourly /etc/cron.daily /etc/cron.weekly /etc/cron.monthly \
  /var/spool/cron /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /var/log/messages /var/log/secure \
  /var/log/auth.log /var/log/syslog /var/log/btmp /var/log/wtmp /var/log/audit/audit.log 2>/dev/null | table)"
fact auditEnabled "$(have auditctl && auditctl -s 2>/dev/null | audit_state | number)"
fact auditRules "$(have auditctl && auditctl -l 2>/dev/null | listed)"
fact processes "$(echo "$running" | listed)"
fact listening "$(have ss && listening)"
fact inputPolicy "$({ have nft || have iptables; } && input_policy | word)"
fact logDays "$([ -r /etc/logrotate.conf ] && log_days | awk '{ printf "%s\"%s\": %d", (NR > 1 ? ", " : "{"), $1, $2 }
  END { print NR ? "}" : "{}" }')"
fact logTargets "$(log_targets | listed)"
fact journalPersistent "$(among systemd-journal && if [ -d /var/log/journal ]; then echo true; else echo false; fi)"
fact clockSynchronized "$(clock)"
fact sysctl "$(for key in kernel/randomize_va_space kernel/kptr_restrict kernel/dmesg_restrict fs/suid_dumpable \
  fs/protected_hardlinks fs/protected_symlinks kernel/yama/ptrace_scope net/ipv4/tcp_syncookies net/ipv4/ip_forward \
  net/ipv4/conf/all/accept_redirects net/ipv4/conf/all/send_redirects net/ipv4/conf/all/accept_source_route \
  net/ipv4/conf/all/rp_filter net/ipv6/conf/all/accept_redirects; do
  [ -r "/proc/sys/$key" ] && echo "$(echo $key | tr / .) $(cat "/proc/sys/$key")"; done | table)"
fact mandatoryAccess "$(mandatory_access | word)"
fact secureBoot "$(secure_boot)"
fact malwareSignatures "$(day "$(newest /var/lib/clamav/daily.c?d)" | word)"
fact securityUpdates "$(security_updates | number)"
fact packageLists "$(day "$(newest /var/lib/apt/lists/*Release /var/cache/dnf/*.solv /var/cache/yum/*)" | word)"
fact dataDevices "$(data_devices | table)"
fact programs "$(for name in gcc cc make gdb tcpdump Xorg in.telnetd telnetd vsftpd proftpd in.tftpd in.rshd ypserv \
  rpcbind smbd cupsd avahi-daemon; do have $name && echo $name; done | listed)"
printf '\n}\n'
