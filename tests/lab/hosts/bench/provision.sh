#!/bin/sh
# A benchmark opens many connections at once.
echo 'MaxStartups 500:30:1000' >/etc/ssh/sshd_config.d/lab.conf
