#!/bin/sh
# What busybox udhcpc calls when a lease comes or goes; sets the interface, the route and the name servers.
case "$1" in
deconfig)
    ip link set "$interface" up
    ip -4 address flush dev "$interface"
    ;;
bound | renew)
    ip address replace "$ip/${mask:-24}" dev "$interface"
    for address in $router; do ip route replace default via "$address" dev "$interface"; done
    : > /etc/resolv.conf
    for address in $dns; do echo "nameserver $address" >> /etc/resolv.conf; done
    echo "options timeout:1 attempts:3" >> /etc/resolv.conf
    echo "leased $ip"
    ;;
esac
