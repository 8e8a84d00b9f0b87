use std::sync::Arc;

use super::*;
use crate::hsm::KeyKind;
use crate::hsm::fake::FakeHsm;
use crate::jwks::{Jwk, Jwks};
use crate::store::MemoryStore;
use crate::store::signing::Times;
use crate::time::Timestamp;

fn signer() -> (Signer, SigningKey, Jwks) {
    let signer = Signer::new(Arc::new(FakeHsm::default()), Arc::new(MemoryStore::default()));
    let key = signer.create("jwt", KeyKind::Ed25519, None, false).unwrap();
    let jwks = Jwks::publish(&signer.keys().unwrap());
    (signer, key, jwks)
}

fn at(now: i64) -> Expected {
    Expected { now: Timestamp(now), leeway: 0, ..Expected::default() }
}

fn claims() -> Claims {
    Claims::default().with("iss", "us").with("exp", 100).with("nbf", 50)
}

fn forged(header: &str, payload: &str, signature: &[u8]) -> String {
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    format!("{}.{}.{}", part(header.as_bytes()), part(payload.as_bytes()), part(signature))
}

#[test]
fn signed_and_verified() {
    let (signer, key, jwks) = signer();
    let token = sign(&signer, &key, None, &claims()).unwrap();
    let verified = verify(&token, &jwks, &Expected { issuer: Some("us".into()), ..at(60) }).unwrap();
    assert_eq!((verified.claims, verified.scheme, verified.kid), (claims(), Scheme::EdDsa, Some(key.kid)));
}

/// A retired key stays published as long as its tokens may live: none may live longer.
#[test]
fn no_token_outlives_the_publication_of_its_key() {
    let (signer, key, _) = signer();
    let now = Timestamp::now();
    let signed = |claims: &Claims| sign(&signer, &key, None, claims).map(|_| ()).map_err(|error| error.kind());
    assert_eq!(signed(&Claims::default().with("exp", now.plus(86_390).0)), Ok(()));
    assert_eq!(signed(&Claims::default().with("exp", now.plus(86_500).0)), Err(Kind::Usage));
    assert_eq!(signed(&Claims::default()), Err(Kind::Usage));
    assert_eq!(signed(&Claims::default().with("exp", serde_json::Value::Null)), Err(Kind::Usage));
    assert_eq!(signed(&Claims::default().with("exp", "99999999999")), Err(Kind::Usage));
}

#[test]
fn claims_that_do_not_hold() {
    let (signer, mut key, jwks) = signer();
    key.times = key.times.map(|times| Times { token_life: None, ..times });
    let check = |claims: &Claims, expected: &Expected| {
        let token = sign(&signer, &key, None, claims).unwrap();
        verify(&token, &jwks, expected).map(|_| ()).map_err(|error| error.kind())
    };
    let mismatch = Err(Kind::ContextMismatch);
    assert_eq!(check(&claims(), &at(100)), mismatch);
    assert_eq!(check(&claims(), &at(49)), mismatch);
    assert_eq!(check(&claims(), &Expected { leeway: 2, ..at(101) }), Ok(()));
    assert_eq!(check(&claims(), &Expected { issuer: Some("them".into()), ..at(60) }), mismatch);
    assert_eq!(check(&claims(), &Expected { subject: Some("x".into()), ..at(60) }), mismatch);
    assert_eq!(check(&claims(), &Expected { audience: Some("me".into()), ..at(60) }), mismatch);
    let many = claims().with("aud", vec!["me", "you"]);
    assert_eq!(check(&many, &Expected { audience: Some("me".into()), ..at(60) }), Ok(()));
    assert_eq!(check(&many, &at(60)), mismatch);
    assert_eq!(check(&claims().with("iat", 70), &at(60)), mismatch);
    assert_eq!(check(&Claims::default(), &at(60)), mismatch);
    assert_eq!(check(&Claims::default(), &Expected { allow_unlimited: true, ..at(60) }), Ok(()));
    assert_eq!(check(&claims().with("exp", "soon"), &at(60)), Err(Kind::Malformed));
    assert_eq!(check(&claims().with("aud", 3), &at(60)), Err(Kind::Malformed));
}

#[test]
fn no_algorithm_but_the_keys_own() {
    let (signer, key, jwks) = signer();
    let payload = r#"{"exp":100}"#;
    for alg in ["none", "None", "HS256", "RS256", "ES256", "eddsa"] {
        let header = format!(r#"{{"alg":"{alg}","kid":"{}"}}"#, key.kid);
        // Signed by the right key all the same: only the name of the algorithm is wrong.
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let good = signer.sign(&key, None, format!("{}.{}", part(&header), part(payload)).as_bytes()).unwrap();
        for signature in [&good[..], &[]] {
            let error = verify(&forged(&header, payload, signature), &jwks, &at(60)).unwrap_err();
            assert_eq!(error.kind(), Kind::Authentication, "{alg}");
        }
    }
}

#[test]
fn altered_and_malformed() {
    let (signer, key, jwks) = signer();
    let token = sign(&signer, &key, None, &claims()).unwrap();
    let (rest, signature) = token.rsplit_once('.').unwrap();
    let (head, _) = rest.split_once('.').unwrap();
    let other = URL_SAFE_NO_PAD.encode(r#"{"exp":1000000}"#);
    let kind = |token: &str| verify(token, &jwks, &at(60)).unwrap_err().kind();
    assert_eq!(kind(&format!("{head}.{other}.{signature}")), Kind::Authentication);
    for bad in ["", "a.b", "a.b.c.d", "!.!.!", &format!("{rest}.{signature}=")] {
        assert_eq!(kind(bad), Kind::Malformed, "{bad}");
    }
    for header in [
        r#"{"alg":"EdDSA","crit":["x"]}"#,
        r#"{"alg":"EdDSA","alg":"EdDSA"}"#,
        r#"{"typ":"JWT"}"#,
        r#"{"alg":"EdDSA","typ":"dpop+jwt"}"#,
        "[]",
    ] {
        assert_eq!(kind(&forged(header, "{}", &[])), Kind::Malformed, "{header}");
    }
    assert_eq!(kind(&forged(r#"{"alg":"EdDSA","kid":"x"}"#, "{}", &[])), Kind::NotFound);
}

/// RFC 8037 appendix A.4 and A.5: a signature we did not make.
#[test]
fn the_standards_own_signature() {
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#);
    let jwks = Jwks::parse(jwk.as_bytes()).unwrap();
    let signed = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    let (public, scheme) = jwks.keys[0].scheme("EdDSA").unwrap();
    public.verify(scheme, signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    // Its payload is no JSON, so as a token it is refused, after the signature held.
    let error = verify(&format!("{signed}.{signature}"), &jwks, &at(60)).unwrap_err();
    assert_eq!(error.kind(), Kind::Malformed);
    assert_eq!(Jwk::new(&public, scheme).x.as_deref(), Some(x));
}
