import { execFileSync } from 'node:child_process';

/** Makes a CA in the folder, and certificates of an API server at the address and of the kubelet of edge1. */
export function makeCertificates(folder: string, address: string): void {
  const shell = `
    set -e; cd "$0"; umask 077
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key -out ca.crt -subj /CN=ca -days 30 2>/dev/null
    sign() {
      openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" -subj "$2" -out "$1.csr" 2>/dev/null
      printf 'subjectAltName=IP:${address}\\n' >extensions
      openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile extensions -out "$1.crt" 2>/dev/null
    }
    sign server /CN=kubernetes; sign kubelet /O=system:nodes/CN=system:node:edge1; cat kubelet.crt kubelet.key >kubelet.pem`;
  execFileSync('sh', ['-c', shell, folder]);
}
