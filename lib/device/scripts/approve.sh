# shellcheck shell=sh disable=SC2034,SC2154
# Approves the serving certificates of kubelets: those of machines that are declared, for their own name and addresses, and
# no others. What does not match is left as it is, for people to look at. One look at the cluster, then it ends.

ask() { kubectl --request-timeout 20s "$@"; }

# Kubelets ask with names that the API server has made, but others may choose theirs.
pending_requests() {
  ask get certificatesigningrequests --field-selector spec.signerName=kubernetes.io/kubelet-serving --output go-template='
    {{- range .items}}{{if not .status.conditions -}}
    request {{.metadata.name}} {{.metadata.uid}} {{.metadata.resourceVersion}} {{printf "%x" .spec.username}} {{/**/ -}}
    {{printf "%x" (base64decode .spec.request)}} {{range .spec.usages}}{{printf "%x" .}},{{end}} {{/**/ -}}
    {{range .spec.groups}}{{printf "%x" .}},{{end}}{{"\n"}}{{end}}{{end}}'
}

# A MachineDeployment is a machine: on edge one device, whose kubelet cannot change it. One without labels has metadata, in
# which no such keys are. Those of version 0.1 had another prefix.
# shellcheck disable=SC2016 # the template's own variables
machines() {
  ask get machinedeployments.cluster.k8s.io --namespace kube-system --output go-template='
    {{- range .items}}{{$labels := or .metadata.labels .metadata -}}
    machine {{.metadata.name}} {{/**/ -}}
    {{with or (index $labels "edge-constructs.io/serving-certificates") (index $labels "edge-constructs/serving-certificates") -}}
    {{.}}{{else}}auto{{end}} {{/**/ -}}
    {{with or (index $labels "edge-constructs.io/addresses") (index $labels "edge-constructs/addresses")}}{{.}}{{end}}{{"\n"}}{{end}}'
}

nodes() {
  ask get nodes --output go-template='
    {{- range .items}}node {{.metadata.name}}{{range .status.addresses}} {{printf "%x" .address}}{{end}}{{"\n"}}{{end}}'
}

# Whoever has a certificate for these can be taken for the API server.
reserved_addresses() {
  ask get service kubernetes --namespace default --ignore-not-found --output go-template='
    {{- "reserved"}}{{range .spec.clusterIPs}} {{printf "%x" .}}{{end}}{{"\n"}}' &&
    ask get endpointslices.discovery.k8s.io kubernetes --namespace default --ignore-not-found --output go-template='
    {{- "reserved"}}{{range .endpoints}}{{range .addresses}} {{printf "%x" .}}{{end}}{{end}}{{"\n"}}'
}

# approve NAME UID VERSION NODE: this very request, in the state that was looked at; otherwise the API server refuses.
approve() {
  body=$(printf '{"apiVersion":"certificates.k8s.io/v1","kind":"CertificateSigningRequest","metadata":{"name":"%s","uid":"%s","resourceVersion":"%s"},"status":{"conditions":[{"type":"Approved","status":"True","reason":"MachineMatches","message":"Made by the kubelet of machine %s for its own name and addresses."}]}}' "$1" "$2" "$3" "$4")
  if printf '%s' "$body" |
    ask replace --raw "/apis/certificates.k8s.io/v1/certificatesigningrequests/$1/approval" --filename - >/dev/null; then
    echo "approved $1 of node $4"
  else
    echo "failed: $1 of node $4 could not be approved"
    return 1
  fi
}

approve_all() {
  requests=$(pending_requests) || return 1
  [ -n "$requests" ] || return 0
  facts=$(machines && nodes && reserved_addresses) || return 1
  decisions=$(printf '%s\n%s\n' "$facts" "$requests" | decide) || return 1
  outcome=0
  while read -r decision name uid version node; do
    case $decision in
      approve) approve "$name" "$uid" "$version" "$node" || outcome=1 ;;
      leave) echo "left $name: $uid $version $node" ;;
    esac
  done <<END
$decisions
END
  return "$outcome"
}
