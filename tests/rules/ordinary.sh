#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An hour of an ordinary server, in small: packages come and go, cron's jobs run, people log in, services
# start. None of it may fire a rule of packaging/rules.d.
set -eu
exec >/dev/null
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# ---- a package, with all that one may bring ----
package=$work/ordinary
mkdir -p "$package/DEBIAN" "$package/etc/cron.d" "$package/usr/bin" "$package/usr/lib/systemd/system" \
  "$package/etc/pam.d" "$package/etc/sudoers.d" "$package/etc/profile.d"
cat >"$package/DEBIAN/control" <<END
Package: ordinary
Version: 1
Architecture: all
Maintainer: nobody <nobody@localhost>
Description: an ordinary package
END
cat >"$package/DEBIAN/postinst" <<'END'
#!/bin/sh
set -e
useradd --system --no-create-home ordinary
chmod 4755 /usr/bin/ordinary-helper
chown ordinary /usr/bin/ordinary
grep -q root /etc/shadow
ldconfig
END
cat >"$package/DEBIAN/postrm" <<'END'
#!/bin/sh
set -e
if getent passwd ordinary; then userdel ordinary; fi
END
printf '#!/bin/sh\n:\n' >"$package/usr/bin/ordinary"
cp "$package/usr/bin/ordinary" "$package/usr/bin/ordinary-helper"
echo '* * * * * root /usr/bin/ordinary' >"$package/etc/cron.d/ordinary"
echo '[Service]' >"$package/usr/lib/systemd/system/ordinary.service"
echo 'auth required pam_deny.so' >"$package/etc/pam.d/ordinary"
echo '# nothing' >"$package/etc/sudoers.d/ordinary"
echo ':' >"$package/etc/profile.d/ordinary.sh"
chmod 755 "$package/DEBIAN/postinst" "$package/DEBIAN/postrm" "$package/usr/bin"/*
dpkg-deb --build --root-owner-group "$package" "$work/ordinary.deb"
dpkg -i "$work/ordinary.deb"
ordinary
dpkg --purge ordinary
apt-cache policy dpkg
apt-get --version

# ---- cron's jobs: shells, pipes, temporary files, archives, logs ----
sh -c 'cd / && test -x /usr/sbin/anacron || run-parts --test /etc/cron.daily'
find /etc -type f -name '*.conf' -exec grep -l root {} + || :
tar -C /usr/share/doc -czf "$work/doc.tgz" base-files
tar -C "$work" -xzf "$work/doc.tgz"
dd if=/dev/urandom of="$work/random" bs=4096 count=16 2>/dev/null
sha256sum "$work/random" | sort | awk '{ print $1 }' | tr a-f A-F
sed -i 's/a/b/' "$work/base-files/copyright"
echo "$(date) something happened" >>/var/log/syslog
mv /var/log/syslog /var/log/syslog.1
: >>/var/log/syslog
gzip -f /var/log/syslog.1
df -h
ps aux
ss -tan || :
sync

# ---- people: accounts by the tools that are made for them, keys, other users ----
useradd --create-home --shell /bin/bash visitor
echo 'visitor:correct horse' | chpasswd
passwd -S visitor
su visitor -c 'id; ls -la ~; echo set -o vi >> ~/.profile; bash -ic "history" 2>/dev/null'
su visitor -c 'mkdir -m 700 ~/.ssh; ssh-keygen -q -t ed25519 -N "" -f ~/.ssh/id_ed25519; ssh -V'
setpriv --reuid visitor --regid visitor --clear-groups id
userdel --remove visitor

# ---- services: sockets, signals, namespaces of their own ----
perl -MSocket -e 'socket(S, PF_INET, SOCK_STREAM, 0); bind(S, pack_sockaddr_in(0, INADDR_LOOPBACK)); listen(S, 5);
  my $at = getsockname(S); socket(C, PF_INET, SOCK_STREAM, 0); connect(C, $at); accept(A, S); print A "x"'
sleep 100 &
kill -HUP $!
sleep 100 &
kill $!
unshare --mount --uts --ipc --net sh -c 'hostname inside; mount -t tmpfs tmpfs /mnt; umount /mnt'
mount -t tmpfs tmpfs /mnt
mount -o remount,ro /mnt
umount /mnt
modprobe dummy || modprobe veth
echo 1 >/proc/sys/net/ipv4/ip_forward
cat /proc/sys/kernel/core_pattern
