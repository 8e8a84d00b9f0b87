//! Public keys as JSON Web Keys: RFC 7517, RFC 7518 section 6, RFC 8037 section 2.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Kind, Result};
use crate::public::{Curve, PublicKey, Scheme};
use crate::signer::{SigningKey, thumbprint};
use crate::time::Timestamp;

/// The longest key set read, bytes.
const LONGEST: usize = 1 << 20;

/// A public key. Members we do not know are ignored, as the standard asks; private ones make it unreadable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Jwk {
    /// `RSA`, `EC` or `OKP`.
    pub kty: String,
    /// `sig` for every key we publish.
    #[serde(rename = "use", skip_serializing_if = "Option::is_none", default)]
    pub usage: Option<String>,
    /// The key's name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub kid: Option<String>,
    /// The one algorithm it may be used with.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub alg: Option<String>,
    /// Curve of EC and OKP keys.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub crv: Option<String>,
    /// RSA modulus, big-endian, base64url without padding.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub n: Option<String>,
    /// RSA exponent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub e: Option<String>,
    /// EC abscissa, or OKP point.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub x: Option<String>,
    /// EC ordinate.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub y: Option<String>,
    /// Private part: must be absent.
    #[serde(skip_serializing, default)]
    d: Option<serde::de::IgnoredAny>,
    /// Symmetric key: must be absent.
    #[serde(skip_serializing, default)]
    k: Option<serde::de::IgnoredAny>,
}

/// A set of public keys.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Jwks {
    /// The keys.
    pub keys: Vec<Jwk>,
}

impl Jwk {
    /// `key` as a JWK for checking signatures of `scheme`, named by its thumbprint.
    pub fn new(key: &PublicKey, scheme: Scheme) -> Self {
        let text = |bytes: &[u8]| Some(URL_SAFE_NO_PAD.encode(bytes));
        let mut jwk = Self {
            kty: String::new(),
            usage: Some("sig".to_owned()),
            kid: Some(thumbprint(key)),
            alg: Some(scheme.name().to_owned()),
            crv: None,
            n: None,
            e: None,
            x: None,
            y: None,
            d: None,
            k: None,
        };
        match key {
            PublicKey::Rsa { n, e } => {
                "RSA".clone_into(&mut jwk.kty);
                (jwk.n, jwk.e) = (text(n), text(e));
            }
            PublicKey::Ec { curve, x, y } => {
                "EC".clone_into(&mut jwk.kty);
                (jwk.crv, jwk.x, jwk.y) = (Some(curve.name().to_owned()), text(x), text(y));
            }
            PublicKey::Ed25519(x) => {
                "OKP".clone_into(&mut jwk.kty);
                (jwk.crv, jwk.x) = (Some("Ed25519".to_owned()), text(x));
            }
        }
        jwk
    }

    /// The key it describes.
    ///
    /// # Errors
    /// [`Kind::Malformed`] for a kind or curve we do not know, or members that are missing or of the wrong length.
    pub fn public_key(&self) -> Result<PublicKey> {
        let crv = self.crv.as_deref();
        match (self.kty.as_str(), crv) {
            ("RSA", _) => PublicKey::rsa(&self.bytes("n", &self.n)?, &self.bytes("e", &self.e)?),
            ("OKP", Some("Ed25519")) => PublicKey::ed25519_point(&self.coordinate("x", &self.x, 32)?),
            ("EC", Some(name)) if let Some(curve) = Curve::named(name) => self.on(curve),
            (kty, crv) => Err(self.bad(&format!("we know no {kty} keys on {}", crv.unwrap_or("no curve")))),
        }
    }

    /// The scheme to check `alg` signatures with by this key. The key decides what it accepts, never the signature.
    ///
    /// # Errors
    /// [`Kind::Authentication`] when this key does not make such signatures.
    pub fn scheme(&self, alg: &str) -> Result<(PublicKey, Scheme)> {
        let refused = |why: String| Error::authentication(format!("the algorithm {alg:?} is not accepted")).why(why);
        let public = self.public_key()?;
        let scheme: Scheme = alg.parse().map_err(|error: Error| refused(error.to_string()))?;
        if !scheme.fits(public.kind()) {
            return Err(refused(format!("the key is {}", public.kind())));
        }
        match self.alg.as_deref() {
            Some(own) if own != alg => Err(refused(format!("the key is for {own} only"))),
            _ => Ok((public, scheme)),
        }
    }

    fn bytes(&self, name: &str, member: &Option<String>) -> Result<Vec<u8>> {
        let text = member.as_deref().ok_or_else(|| self.bad(&format!("\"{name}\" is missing")))?;
        URL_SAFE_NO_PAD.decode(text).map_err(|_| self.bad(&format!("\"{name}\" is not base64url without padding")))
    }

    fn on(&self, curve: Curve) -> Result<PublicKey> {
        let len = curve.field_len();
        Ok(PublicKey::Ec { curve, x: self.coordinate("x", &self.x, len)?, y: self.coordinate("y", &self.y, len)? })
    }

    fn coordinate(&self, name: &str, member: &Option<String>, len: usize) -> Result<Vec<u8>> {
        let bytes = self.bytes(name, member)?;
        if bytes.len() == len { Ok(bytes) } else { Err(self.bad(&format!("\"{name}\" has not {len} bytes"))) }
    }

    fn bad(&self, why: &str) -> Error {
        let name = self.kid.as_deref().unwrap_or("without kid");
        Error::new(Kind::Malformed, format!("the JWK {name} cannot be used")).why(why)
    }
}

impl From<&SigningKey> for Jwk {
    fn from(key: &SigningKey) -> Self {
        Self::new(&key.public, key.scheme)
    }
}

impl Jwks {
    /// The set to publish now: of `keys` those that will sign soon, that sign, and that signed what may still live.
    pub fn publish(keys: &[SigningKey]) -> Self {
        Self::publish_at(keys, Timestamp::now())
    }

    /// The set to publish at `now`.
    pub fn publish_at(keys: &[SigningKey], now: Timestamp) -> Self {
        Self { keys: keys.iter().filter(|key| key.phase_at(now).is_public()).map(Jwk::from).collect() }
    }

    /// Reads a key set, or a single key. Keys for encryption and of unknown kinds are left out (RFC 7517 section 5).
    ///
    /// # Errors
    /// [`Kind::Malformed`] when it is neither, above 1 MiB, or holds a private or symmetric key.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<serde_json::Value>,
        }
        let bad = |why: String| Error::new(Kind::Malformed, "this is no JWK set").why(why);
        if bytes.len() > LONGEST {
            return Err(bad(format!("it is longer than {LONGEST} bytes")));
        }
        let value: serde_json::Value = serde_json::from_slice(bytes).map_err(|error| bad(error.to_string()))?;
        let listed = match serde_json::from_value::<Set>(value.clone()) {
            Ok(set) => set.keys,
            Err(_) if value.get("kty").is_some() => vec![value],
            Err(error) => return Err(bad(error.to_string())),
        };
        let mut keys = Vec::new();
        for entry in listed {
            // A member of the wrong type makes a key of an unknown kind.
            let Ok(jwk) = serde_json::from_value::<Jwk>(entry) else { continue };
            if jwk.d.is_some() || jwk.k.is_some() {
                return Err(jwk
                    .bad("it holds a private or symmetric key, which has no place in a published set")
                    .next("publish only public keys, and replace the one that was shown"));
            }
            if jwk.usage.as_deref().is_none_or(|usage| usage == "sig") && jwk.public_key().is_ok() {
                keys.push(jwk);
            }
        }
        Ok(Self { keys })
    }

    /// The key called `kid`; without a name, the only key.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when there is none, or several could be meant.
    pub fn find(&self, kid: Option<&str>) -> Result<&Jwk> {
        let mut meant = self.keys.iter().filter(|jwk| kid.is_none() || jwk.kid.as_deref() == kid);
        match (meant.next(), meant.next()) {
            (Some(jwk), None) => Ok(jwk),
            (None, _) => Err(Error::new(Kind::NotFound, "the key set has no key for this signature")
                .why(format!("it was made by {}", kid.unwrap_or("an unnamed key")))),
            (Some(_), Some(_)) => Err(Error::new(Kind::NotFound, "the key set has several keys for this signature")
                .why("the signature does not name its key")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINT: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    #[test]
    fn keys_survive_the_trip() {
        let keys = [
            (PublicKey::rsa(&[0xff; 256], &[1, 0, 1]).unwrap(), Scheme::Ps256),
            (PublicKey::Ec { curve: Curve::P256, x: vec![1; 32], y: vec![2; 32] }, Scheme::Es256),
            (PublicKey::Ec { curve: Curve::P521, x: vec![1; 66], y: vec![2; 66] }, Scheme::Es512),
            (PublicKey::Ed25519([3; 32]), Scheme::EdDsa),
        ];
        for (key, scheme) in keys {
            let jwk = Jwk::new(&key, scheme);
            let text = serde_json::to_vec(&jwk).unwrap();
            let set = Jwks::parse(&text).unwrap();
            assert_eq!(set.keys, [jwk]);
            assert_eq!(set.keys[0].public_key().unwrap(), key);
            assert_eq!(set.keys[0].scheme(scheme.name()).unwrap(), (key, scheme));
        }
    }

    #[test]
    fn the_key_decides_the_algorithm() {
        let jwk = Jwk::new(&PublicKey::rsa(&[0xff; 256], &[1, 0, 1]).unwrap(), Scheme::Rs256);
        for alg in ["none", "HS256", "rs256", "EdDSA", "ES256", "PS256", ""] {
            assert_eq!(jwk.scheme(alg).unwrap_err().kind(), Kind::Authentication, "{alg}");
        }
        assert!(Jwk { alg: None, ..jwk }.scheme("PS256").is_ok());
    }

    #[test]
    fn foreign_keys_are_left_out_and_private_ones_refused() {
        let set = format!(
            r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","x":"{POINT}","use":"sig","kid":"a"}},
                {{"kty":"OKP","crv":"X25519","x":"{POINT}"}},{{"kty":"new"}},{{"kty":7}},
                {{"kty":"OKP","crv":"Ed25519","x":"{POINT}","use":"enc"}},
                {{"kty":"OKP","crv":"Ed25519","x":"AAAA"}}]}}"#
        );
        let set = Jwks::parse(set.as_bytes()).unwrap();
        assert_eq!(set.keys.len(), 1);
        assert!(set.find(Some("a")).is_ok() && set.find(None).is_ok() && set.find(Some("b")).is_err());
        let private = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{POINT}","d":"AAAA"}}"#);
        assert_eq!(Jwks::parse(private.as_bytes()).unwrap_err().kind(), Kind::Malformed);
        for text in ["", "[]", "{}", r#"{"keys":3}"#] {
            assert_eq!(Jwks::parse(text.as_bytes()).unwrap_err().kind(), Kind::Malformed, "{text}");
        }
    }
}
