# nginx's configuration of this stack, rendered from nginx/scai.conf.in; sourced. SPDX-License-Identifier: Apache-2.0
write_nginx() {
  conf=$STACK_DIR/nginx
  mkdir -p "$conf/temp"
  ln -sfn "$ROOT/nginx" "$conf/scai"
  for group in $(scaiflow_groups); do
    [ -f "$ROOT/nginx/scaiflow/$group.conf" ] || die "nginx/scaiflow/$group.conf is missing for the group $group"
  done
  for group in $(scaivault_groups); do
    [ -f "$ROOT/nginx/scaivault/$group.conf" ] || die "nginx/scaivault/$group.conf is missing for the group $group"
  done
  upstreams | put_file "$conf/upstreams.conf" 644
  user="# not root: no user to change to"
  [ "$(id -u)" -ne 0 ] || user="user root;"
  sed -e "s|@USER@|$user|; s|@RUN@|$RUN_DIR|g; s|@CONF@|$conf|g; s|@FLOW_PORT@|$FLOW_PORT|; s|@VAULT_PORT@|$VAULT_PORT|; s|@KEY_PORT@|$KEY_PORT|; s|@GRID_PORT@|$GRID_PORT|" \
    -e "/@SCAIKEY@/$(if embedded_scaikey; then echo 's/ *# @SCAIKEY@//'; else echo d; fi)" \
    -e "/@SCAIGRID@/$(if embedded_scaigrid; then echo 's/ *# @SCAIGRID@//'; else echo d; fi)" \
    "$ROOT/nginx/scai.conf.in" | put_file "$conf/scai.conf" 644
  cat "$conf/upstreams.conf" "$ROOT"/nginx/*/*.conf | cksum | sed 's/^/# includes: /' >>"$conf/scai.conf"
  nginx -t -q -e stderr -c "$conf/scai.conf" || die "nginx does not accept $conf/scai.conf"
}
upstreams() {
  for name in $(cd "$ROOT/nginx" && ls scaiflow/*.conf scaivault/*.conf | sed "s|/|-|; s|.conf\$||") $(if embedded_scaikey; then echo scaikey; fi) \
    $(if embedded_scaigrid; then echo scaigrid; fi); do
    sed "s|@NAME@|$name|g; s|@RUN@|$RUN_DIR|g" "$ROOT/nginx/upstream.conf.in"
  done
}
