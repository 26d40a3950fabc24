/**
 * Where the images of a registry come from, as under `mirrors` in K3s' registries.yaml.
 * @see https://docs.k3s.io/installation/private-registry
 */
export interface KinsRegistryMirror {
  /**
   * URLs of mirrors, tried in this order. A path is where the mirror's API is, including `/v2` if it has that:
   * `https://harbor.example.com/v2/dockerhub`. Without a path it is `/v2`. `http://` is refused, unless `registries` has
   * `plainHttp` for that host.
   */
  readonly endpoints: readonly string[];

  /**
   * What an image is called at the mirrors: Go regular expressions for the name without registry and tag, and their
   * replacements, in which `$1` stands for the first group: `{ '^rancher/(.*)': 'mirrors/rancher/$1' }`. The registry itself
   * is asked for the original name, unless its URL is the last of `endpoints`.
   * @default - none; mirrors know images by the same names
   */
  readonly rewrites?: Readonly<Record<string, string>>;

  /**
   * Whether the registry itself is asked when no mirror has the image. K3s has this for all registries at once, as its option
   * `disable-default-registry-endpoint`.
   * @default true
   */
  readonly fallback?: boolean;
}

/**
 * How to connect to a registry, whether as a mirror or by itself: as under `configs` in K3s' registries.yaml. All Secrets are
 * those of namespace `kins-system` in the cloud cluster.
 * @see https://docs.k3s.io/installation/private-registry
 */
export interface KinsRegistry {
  /** Credential to pull with. @default - none: images are pulled without a credential */
  readonly auth?: KinsRegistryAuth;

  /**
   * Certificates of the CAs that issued the registry's certificate, as PEM. They are public; a private key is refused.
   * @default - caSecret, or else the CAs that the image of K3s trusts
   */
  readonly ca?: string;

  /** The same certificates in a Secret. @default - ca, or else the CAs that the image of K3s trusts */
  readonly caSecret?: KinsRegistryCaSecret;

  /** A client certificate for the registry (mutual TLS). @default - none */
  readonly clientCertificate?: KinsRegistryClientCertificate;

  /**
   * Uses HTTP to connect to the registry: anyone on the path can change what is pulled, so credentials are refused with it. URLs of
   * mirrors on this host then begin with `http://`.
   * @default false - HTTPS; certificates are always verified, so there is no equivalent of K3s' `insecure_skip_verify`
   */
  readonly plainHttp?: boolean;
}

/** A user's name and password, or a token. */
export interface KinsRegistryAuth {
  /** Name of the Secret, of type `kubernetes.io/basic-auth` for instance. */
  readonly secretName: string;

  /** Key of the user's name. @default 'username' */
  readonly usernameKey?: string;

  /** Key of the password; tokens that a registry accepts as passwords go here. @default 'password' */
  readonly passwordKey?: string;

  /**
   * Key of an identity token (an OAuth 2 refresh token), which is used in place of user and password. It goes to the token
   * server that the registry names when it is asked, with the registry's own `ca` and `clientCertificate`. A registry that
   * itself asks for a password (HTTP Basic) does not accept one.
   * @default - none
   */
  readonly identityTokenKey?: string;
}

/** The Secret of a CA. */
export interface KinsRegistryCaSecret {
  /** Name of the Secret. */
  readonly secretName: string;

  /** Key of the certificates, as PEM. @default 'ca.crt' */
  readonly key?: string;
}

/** The Secret of a client's certificate. */
export interface KinsRegistryClientCertificate {
  /** Name of the Secret, of type `kubernetes.io/tls` for instance. */
  readonly secretName: string;

  /** Key of the certificate, as PEM. @default 'tls.crt' */
  readonly certificateKey?: string;

  /** Key of the private key, as PEM. @default 'tls.key' */
  readonly privateKeyKey?: string;
}
