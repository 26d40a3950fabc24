import type * as pulumi from '@pulumi/pulumi';

/** Where the images of a registry come from. */
export interface KinsRegistryMirror {
  /** URLs of mirrors, tried in this order. */
  endpoints: pulumi.Input<pulumi.Input<string>[]>;
  /** What an image is called at the mirrors: regular expressions and their replacements. */
  rewrites?: pulumi.Input<{ [key: string]: pulumi.Input<string> }>;
  /** Whether the registry itself is asked when no mirror has the image. By default it is. */
  fallback?: boolean;
}

/** How to connect to a registry. All Secrets are in namespace `kins-system`. */
export interface KinsRegistry {
  /** Credential to pull with. */
  auth?: KinsRegistryAuth;
  /** Certificates of its CAs, as PEM. */
  ca?: pulumi.Input<string>;
  /** The same in a Secret. */
  caSecret?: KinsRegistryCaSecret;
  /** A client certificate for the registry (mutual TLS). */
  clientCertificate?: KinsRegistryClientCertificate;
  /** Uses HTTP, not HTTPS, to connect to the registry. */
  plainHttp?: boolean;
}

/** A user's name and password, or a token. */
export interface KinsRegistryAuth {
  /** Name of the Secret. */
  secretName: pulumi.Input<string>;
  /** Key of the user's name. By default `username`. */
  usernameKey?: pulumi.Input<string>;
  /** Key of the password. By default `password`. */
  passwordKey?: pulumi.Input<string>;
  /** Key of an identity token, in place of user and password. */
  identityTokenKey?: pulumi.Input<string>;
}

/** The Secret of a CA. */
export interface KinsRegistryCaSecret {
  /** Name of the Secret. */
  secretName: pulumi.Input<string>;
  /** Key of the certificates. By default `ca.crt`. */
  key?: pulumi.Input<string>;
}

/** The Secret of a client's certificate. */
export interface KinsRegistryClientCertificate {
  /** Name of the Secret. */
  secretName: pulumi.Input<string>;
  /** Key of the certificate. By default `tls.crt`. */
  certificateKey?: pulumi.Input<string>;
  /** Key of the private key. By default `tls.key`. */
  privateKeyKey?: pulumi.Input<string>;
}
