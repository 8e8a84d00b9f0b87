//! Signatures both ways: RSASSA-PKCS1-v1_5, RSASSA-PSS, ECDSA, Ed25519.

use crate::{openssl, path, words};
use hsm_tests::*;

const DATA: &[u8] = b"what both sides sign and verify";

/// How openssl is told to verify or sign with a scheme.
struct Scheme {
    name: &'static str,
    make: fn(Session<'_>) -> Pair,
    mechanism: fn() -> Mechanism,
    /// Options of `openssl dgst`, or of `openssl pkeyutl -rawin` where it needs that.
    options: &'static str,
    generate: &'static str,
    /// Bytes of r and of s, for ECDSA.
    numbers: usize,
}

const PSS: &str = "-sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -sigopt rsa_mgf1_md:sha256";

fn schemes() -> Vec<Scheme> {
    let rsa = "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048";
    vec![
        Scheme {
            name: "RSA PKCS#1 SHA-256",
            make: |s| s.rsa(2048),
            mechanism: || Mechanism::bare(CKM_SHA256_RSA_PKCS),
            options: "-sha256",
            generate: rsa,
            numbers: 0,
        },
        Scheme {
            name: "RSA PKCS#1 SHA-512",
            make: |s| s.rsa(3072),
            mechanism: || Mechanism::bare(CKM_SHA512_RSA_PKCS),
            options: "-sha512",
            generate: rsa,
            numbers: 0,
        },
        Scheme {
            name: "RSA PSS SHA-256",
            make: |s| s.rsa(2048),
            mechanism: || Mechanism::pss(CKM_SHA256_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA256, 32),
            options: PSS,
            generate: rsa,
            numbers: 0,
        },
        Scheme {
            name: "ECDSA P-256",
            make: |s| s.ec(oid::P256),
            mechanism: || Mechanism::bare(CKM_ECDSA),
            options: "-sha256",
            generate: "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256",
            numbers: 32,
        },
        Scheme {
            name: "ECDSA P-384",
            make: |s| s.ec(oid::P384),
            mechanism: || Mechanism::bare(CKM_ECDSA),
            options: "-sha256",
            generate: "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384",
            numbers: 48,
        },
        Scheme {
            name: "ECDSA P-521",
            make: |s| s.ec(oid::P521),
            mechanism: || Mechanism::bare(CKM_ECDSA),
            options: "-sha256",
            generate: "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521",
            numbers: 66,
        },
        Scheme {
            name: "Ed25519",
            make: |s| s.ed25519(),
            mechanism: || Mechanism::bare(CKM_EDDSA),
            options: "",
            generate: "genpkey -algorithm ed25519",
            numbers: 0,
        },
    ]
}

impl Scheme {
    fn is_edwards(&self) -> bool {
        self.options.is_empty()
    }

    /// CKM_ECDSA signs a digest, which both modules have; the others take the data.
    fn input(&self, session: Session<'_>) -> Vec<u8> {
        if self.numbers == 0 {
            return DATA.to_vec();
        }
        session.digest(&Mechanism::bare(CKM_SHA256), DATA).expect("C_Digest")
    }
}

#[test]
fn openssl_verifies_ours() {
    on_each(|home| {
        let Some(openssl) = openssl() else { return };
        let token = home.token();
        let session = token.user();
        let data = home.write("data", DATA).display().to_string();
        for scheme in schemes() {
            let pair = (scheme.make)(session);
            let public = home.write("public.der", &session.public_key_info(pair.public).expect("attributes"));
            let public = public.display().to_string();
            let mut signature = session
                .sign(&(scheme.mechanism)(), pair.private, &scheme.input(session))
                .unwrap_or_else(|e| panic!("{}: {e:?}", scheme.name));
            if scheme.numbers > 0 {
                signature = signature_to_der(&signature);
            }
            let signature = home.write("signature", &signature).display().to_string();
            let arguments = match scheme.is_edwards() {
                true => format!("pkeyutl -verify -rawin -pubin -keyform DER -inkey {public} -in {data} -sigfile {signature}"),
                false => format!("dgst {} -keyform DER -verify {public} -signature {signature} {data}", scheme.options),
            };
            openssl.succeed(&words(&arguments), b"");
        }
    });
}

#[test]
fn we_verify_theirs() {
    on_each(|home| {
        let Some(openssl) = openssl() else { return };
        let token = home.token();
        let session = token.user();
        let data = home.write("data", DATA).display().to_string();
        let mut tally = Tally::new("openssl signs, the module verifies");
        for scheme in schemes() {
            let (key, public, signature) = (path(home, "key.pem"), path(home, "public.der"), path(home, "signature"));
            openssl.succeed(&[&words(scheme.generate)[..], &["-out", &key]].concat(), b"");
            openssl.succeed(&words(&format!("pkey -in {key} -pubout -outform DER -out {public}")), b"");
            let arguments = match scheme.is_edwards() {
                true => format!("pkeyutl -sign -rawin -inkey {key} -in {data} -out {signature}"),
                false => format!("dgst {} -sign {key} -out {signature} {data}", scheme.options),
            };
            openssl.succeed(&words(&arguments), b"");
            let info = std::fs::read(public).expect("a public key");
            let mut signature = std::fs::read(signature).expect("a signature");
            if scheme.numbers > 0 {
                signature = signature_from_der(&signature, scheme.numbers);
            }
            let key = session.create(&from_info(&info)).expect("a public key");
            let (mechanism, input) = ((scheme.mechanism)(), scheme.input(session));
            tally.row(scheme.name, session.verify(&mechanism, key, &input, &signature), &[CKR_OK]);
            signature[5] ^= 1;
            let altered = session.verify(&mechanism, key, &input, &signature);
            tally.row(format!("{}, altered", scheme.name), altered, &[CKR_SIGNATURE_INVALID]);
        }
    });
}

/// The template of a SubjectPublicKeyInfo.
fn from_info(info: &[u8]) -> Template {
    let [algorithm, bits] = parts(content(info)).try_into().expect("algorithm and key");
    let algorithm = parts(content(&algorithm));
    let key = content(&bits)[1..].to_vec();
    let template = |key_type| Template::key(CKO_PUBLIC_KEY, key_type).bool(CKA_VERIFY, true);
    match algorithm.as_slice() {
        [ed] if ed == oid::ED25519 => template(CKK_EC_EDWARDS).bytes(CKA_EC_PARAMS, ed).bytes(CKA_EC_POINT, &der(4, &[&key])),
        [_, curve] if curve[0] == 6 => template(CKK_EC).bytes(CKA_EC_PARAMS, curve).bytes(CKA_EC_POINT, &der(4, &[&key])),
        _ => {
            let numbers = parts(content(&key));
            let unsigned = |n: &[u8]| content(n).iter().copied().skip_while(|b| *b == 0).collect::<Vec<u8>>();
            template(CKK_RSA).bytes(CKA_MODULUS, &unsigned(&numbers[0])).bytes(CKA_PUBLIC_EXPONENT, &unsigned(&numbers[1]))
        }
    }
}

/// The DER values that follow each other.
fn parts(mut all: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    while !all.is_empty() {
        let head = all.len() - content(all).len();
        let length = match all[1] {
            short @ 0..128 => usize::from(short),
            _ => all[2..head].iter().fold(0, |n, b| n << 8 | usize::from(*b)),
        };
        let (one, rest) = all.split_at(head + length);
        found.push(one.to_vec());
        all = rest;
    }
    found
}
