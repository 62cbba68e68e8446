#!/usr/bin/env bash
# The bed's "machine": process 1 of the namespaces that up.sh makes. Starts the control plane, the operator, the network
# and the kubelet, then waits. When it dies the kernel ends every process of the bed and drops its networks and mounts.
# env: HOST_NETNS (descriptor of the host's network namespace), LIFELINE (see common.sh);
#      options come from RUN/settings
set -euo pipefail
# shellcheck source=SCRIPTDIR/../common.sh
. "$(dirname "$0")/../common.sh"
metrics='' controllers='*' port=0 controller_flags=() operator_flags=() kubelet_options=()
# shellcheck source=/dev/null
. "$RUN/settings"
here=$BED_DIR/machine
GATEWAY=10.97.0.1 POD_CIDR=10.97.0.0/16 SERVICE_CIDR=10.96.0.0/16 API=https://127.0.0.1:6443 METRICS_PORT=4443
trap 'exit 0' TERM

# Ends the bed when the run that wanted it is gone, or its directory: nobody could find it any more.
watch_over() {
  local answer
  while [ -e "$RUN/.bed" ]; do
    if [ -z "${LIFELINE:-}" ]; then
      sleep 2
    else
      answer=0
      read -r -t 2 -u "$LIFELINE" || answer=$?
      [ "$answer" -gt 128 ] || break # no time-out: the end of the line
    fi
  done
  kill -TERM 1
  kill -KILL -1 # everything but process 1, which cannot be in the middle of anything then
}
watch_over {HOST_NETNS}<&- &
[ -z "${LIFELINE:-}" ] || exec {LIFELINE}<&-
unset LIFELINE

mount -t proc proc /proc
mkdir -p "$RUN/state"
mount -t tmpfs -o mode=755 bed "$RUN/state" # writable layers and volumes of the containers
ip link set lo up
printf 'nameserver %s\n' "$GATEWAY" > "$RUN/state/resolv.conf"
mount --bind "$RUN/state/resolv.conf" /etc/resolv.conf # the operator uses it
# An address of its own: a bridge without one takes the lowest of its ports, and changes it as pods come and go.
ip link add pods address 02:00:00:00:00:01 type bridge
ip addr add "$GATEWAY/16" dev pods
ip link set pods up

cd "$RUN/pki"
umask 077
new_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2> /dev/null; }
certify() { # certify NAME SUBJECT
  new_key "$1.key"
  openssl req -new -key "$1.key" -out "$1.csr" -subj "$2" 2> /dev/null
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -out "$1.crt" -days 30 2> /dev/null -extfile <(
    printf 'subjectAltName=IP:127.0.0.1,IP:%s,IP:%s' "$GATEWAY" "${SERVICE_CIDR%0/*}1"
    printf ',DNS:%s' localhost kubernetes kubernetes.default kubernetes.default.svc kubernetes.default.svc.cluster.local \
      metrics-server.kube-system.svc
  )
}
new_key ca.key
openssl req -x509 -new -key ca.key -out ca.crt -days 30 -subj /CN=bed-ca 2> /dev/null
certify apiserver /CN=kube-apiserver
certify front-proxy /CN=front-proxy
certify kubelet "/O=system:masters/CN=apiserver-kubelet-client"
new_key sa.key
openssl pkey -in sa.key -pubout -out sa.pub 2> /dev/null
kubeconfig() { # kubeconfig SERVER TOKEN
  cat << YAML
apiVersion: v1
kind: Config
clusters: [{name: bed, cluster: {server: "$1", certificate-authority-data: $(base64 -w0 "$RUN/pki/ca.crt")}}]
users: [{name: bed, user: {token: $2}}]
contexts: [{name: bed, context: {cluster: bed, user: bed}}]
current-context: bed
YAML
}
# All may do everything, but by a name of their own, so that the audit log tells them apart.
for name in admin kube-controller-manager kube-scheduler kuberay-operator bed; do
  openssl rand -hex 24 > "$name.token"
  echo "$(cat "$name.token"),$name,$name,system:masters" >> tokens.csv
  kubeconfig "$API" "$(cat "$name.token")" > "$name.kubeconfig"
done
cd "$RUN"
umask 022
export KUBECONFIG=$RUN/pki/bed.kubeconfig KUBECACHEDIR=$RUN/state/kubectl PATH=$BIN:$VENV/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1

declare -A job=()
crds=()
start() { # start NAME COMMAND...
  local name=$1
  shift
  "$@" > "logs/$name.log" 2>&1 {HOST_NETNS}<&- &
  job[$!]=$name
}
ready() { # ready NAME SECONDS COMMAND...: waits until the command succeeds
  local name=$1 tries=$(($2 * 5))
  shift 2
  for (( ; tries; tries--)); do
    "$@" > /dev/null 2>&1 && { say "$name is up"; return; }
    sleep 0.2
  done
  fail 1 "$name did not come up; see $RUN/logs"
}

start etcd etcd --data-dir "$RUN/state/etcd" --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379
start kube-apiserver env GOGC=400 GOMEMLIMIT=1200MiB kube-apiserver --etcd-servers=http://127.0.0.1:2379 --secure-port=6443 \
  --bind-address=0.0.0.0 --advertise-address="$GATEWAY" --service-cluster-ip-range="$SERVICE_CIDR" --allow-privileged=true \
  --tls-cert-file=pki/apiserver.crt --tls-private-key-file=pki/apiserver.key --client-ca-file=pki/ca.crt \
  --token-auth-file=pki/tokens.csv --authorization-mode=RBAC --cert-dir=pki \
  --service-account-issuer=https://kubernetes.default.svc.cluster.local --service-account-key-file=pki/sa.pub \
  --service-account-signing-key-file=pki/sa.key \
  --kubelet-client-certificate=pki/kubelet.crt --kubelet-client-key=pki/kubelet.key --kubelet-preferred-address-types=InternalIP \
  --requestheader-client-ca-file=pki/ca.crt --requestheader-allowed-names=front-proxy --enable-aggregator-routing=true \
  --requestheader-username-headers=X-Remote-User --requestheader-group-headers=X-Remote-Group \
  --requestheader-extra-headers-prefix=X-Remote-Extra- \
  --proxy-client-cert-file=pki/front-proxy.crt --proxy-client-key-file=pki/front-proxy.key \
  --audit-policy-file="$here/audit.yaml" --audit-log-path="$RUN/logs/audit.ndjson"
ready kube-apiserver 120 kubectl get --raw /readyz
ready "kubernetes service" 30 kubectl get service kubernetes
for crd in rayclusters rayjobs rayservices; do # a megabyte of schema each: most of the start-up time
  kubectl create --validate=false -f "$MANIFESTS/crd/bases/ray.io_$crd.yaml" >> logs/crds.log 2>&1 &
  crds+=($!)
done
start kube-controller-manager kube-controller-manager --kubeconfig=pki/kube-controller-manager.kubeconfig --leader-elect=false --bind-address=127.0.0.1 \
  --use-service-account-credentials=true --service-account-private-key-file=pki/sa.key --root-ca-file=pki/ca.crt \
  --controllers="$controllers" --cluster-cidr="$POD_CIDR" "${controller_flags[@]}"
start kube-scheduler kube-scheduler --kubeconfig=pki/kube-scheduler.kubeconfig --leader-elect=false --bind-address=127.0.0.1

access=(--server "$API" --token-file pki/bed.token --ca pki/ca.crt)
python3 "$here/net.py" "${access[@]}" --gateway "$GATEWAY" --host-netns-fd "$HOST_NETNS" --host-port "$port" \
  --port-file "$RUN/port" > logs/net.log 2>&1 &
job[$!]=net
exec {HOST_NETNS}<&-
start kubelet python3 "$here/kubelet.py" "${access[@]}" --run "$RUN" --gateway "$GATEWAY" --venv "$VENV" "${kubelet_options[@]}"
if [ -n "$metrics" ]; then
  (cd pki && umask 077 && certify metrics /CN=metrics-server)
  start metrics-server python3 "$here/metrics_server.py" "${access[@]}" --listen "$GATEWAY:$METRICS_PORT" --resolution "$metrics" \
    --certificate pki/metrics.crt --key pki/metrics.key
  sed -e "s/GATEWAY/$GATEWAY/" -e "s/METRICS_PORT/$METRICS_PORT/" -e "s/CA_BUNDLE/$(base64 -w0 pki/ca.crt)/" "$here/metrics.yaml" > metrics.yaml
  kubectl apply -f metrics.yaml > logs/metrics-api.log 2>&1
fi

for crd in "${crds[@]}"; do wait "$crd" || fail 1 "a CRD was refused; see $RUN/logs/crds.log"; done
ready "CRDs" 60 kubectl wait --for=condition=Established crd --all --timeout=30s
start ray-operator ray-operator --kubeconfig=pki/kuberay-operator.kubeconfig --enable-leader-election=false --metrics-addr=127.0.0.1:8081 \
  --health-probe-bind-address=127.0.0.1:8082 --log-stdout-encoder=console "${operator_flags[@]}"
ready "host door" 20 test -s "$RUN/port"
ready ray-operator 60 curl -sf http://127.0.0.1:8082/readyz
ready "default service account" 60 kubectl get serviceaccount default
[ -z "$metrics" ] || ready "metrics APIs" 60 kubectl wait --for=condition=Available --timeout=20s \
  apiservice/v1beta1.metrics.k8s.io apiservice/v1beta2.custom.metrics.k8s.io apiservice/v1beta1.external.metrics.k8s.io
(umask 077 && kubeconfig "https://127.0.0.1:$(cat "$RUN/port")" "$(cat pki/admin.token)" > "$RUN/kubeconfig.new")
say ready
mv "$RUN/kubeconfig.new" "$RUN/kubeconfig" # up.sh waits for this file

# Process 1 adopts what containers leave behind; `wait` reaps it. A control-plane process that ends is worth a line.
while true; do
  gone=0
  wait -n -p gone || true
  [ -z "${job[${gone:-0}]:-}" ] || say "${job[$gone]} ended: the bed is damaged, see $RUN/logs/${job[$gone]}.log"
  [ "${gone:-0}" != 0 ] || sleep 1
done
