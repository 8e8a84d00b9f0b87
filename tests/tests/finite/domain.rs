//! 4.11, 6.2.5 to 6.2.8, 6.4.6 to 6.4.13: domain parameters are generated, kept, and put into templates.

use crate::TYPES;
use hsm_tests::*;

/// What a key pair takes of domain parameters.
fn template_of(session: Session<'_>, parameters: Object) -> Template {
    [CKA_PRIME, CKA_SUBPRIME, CKA_BASE].iter().fold(Template::new(), |template, kind| {
        session.attribute(parameters, *kind).map_or(template.clone(), |value| template.bytes(*kind, &value))
    })
}

fn bits(bits: CK_ULONG) -> Template {
    Template::new().ulong(CKA_PRIME_BITS, bits)
}

#[test]
fn pairs_of_generated_parameters() {
    on_each(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let (dsa, dh) = (CKM_DSA_PARAMETER_GEN, CKM_DH_PKCS_PARAMETER_GEN);
        let usage = Template::new().bool(CKA_SIGN, true);
        let parameters = session.generate(&Mechanism::bare(dsa), &bits(1024)).expect("domain parameters");
        let group = template_of(session, parameters);
        let pair = session.generate_pair(&pair_generation(CKK_DSA), &group, &usage).expect("a key pair");
        let signature = session.sign(&Mechanism::bare(CKM_DSA_SHA1), pair.1, b"message").expect("C_Sign");
        assert_eq!(session.verify(&Mechanism::bare(CKM_DSA_SHA1), pair.0, b"message", &signature), Ok(()));
        let usage = Template::new().bool(CKA_DERIVE, true);
        let parameters = session.generate(&Mechanism::bare(dh), &bits(512)).expect("domain parameters");
        let group = template_of(session, parameters);
        let pair = || session.generate_pair(&pair_generation(CKK_DH), &group, &usage).expect("a key pair");
        let agreed = |private, public| {
            let mechanism = Mechanism::bytes(CKM_DH_PKCS_DERIVE, &session.attribute(public, CKA_VALUE).expect("CKA_VALUE"));
            let secret = Template::key(CKO_SECRET_KEY, CKK_GENERIC_SECRET).with(&Template::shown()).ulong(CKA_VALUE_LEN, 64);
            session.attribute(session.derive(&mechanism, private, &secret).expect("C_DeriveKey"), CKA_VALUE)
        };
        let (ours, theirs) = (pair(), pair());
        assert_eq!(agreed(ours.1, theirs.0), agreed(theirs.1, ours.0));
    });
}

/// Mechanism, template, key type, and the lengths of prime and subprime, or what is wrong.
type Generation = (CK_MECHANISM_TYPE, &'static [(CK_ATTRIBUTE_TYPE, CK_ULONG)], CK_KEY_TYPE, Result<(usize, usize), CK_RV>);

const GENERATIONS: &[Generation] = &[
    (CKM_DSA_PARAMETER_GEN, &[(CKA_PRIME_BITS, 1024)], CKK_DSA, Ok((128, 20))),
    (CKM_DSA_PARAMETER_GEN, &[(CKA_PRIME_BITS, 1024), (CKA_SUBPRIME_BITS, 256)], CKK_DSA, Ok((128, 32))),
    (CKM_DSA_PARAMETER_GEN, &[(CKA_PRIME_BITS, 2048)], CKK_DSA, Ok((256, 28))),
    (CKM_DSA_PARAMETER_GEN, &[], CKK_DSA, Err(CKR_TEMPLATE_INCOMPLETE)),
    (CKM_DSA_PARAMETER_GEN, &[(CKA_PRIME_BITS, 512)], CKK_DSA, Err(CKR_KEY_SIZE_RANGE)),
    (CKM_DSA_PARAMETER_GEN, &[(CKA_PRIME_BITS, 1025)], CKK_DSA, Err(CKR_KEY_SIZE_RANGE)),
    (CKM_DSA_PARAMETER_GEN, &[(CKA_PRIME_BITS, CK_ULONG::MAX)], CKK_DSA, Err(CKR_KEY_SIZE_RANGE)),
    (CKM_DSA_PARAMETER_GEN, &[(CKA_PRIME_BITS, 2048), (CKA_SUBPRIME_BITS, 161)], CKK_DSA, Err(CKR_KEY_SIZE_RANGE)),
    (CKM_DSA_PARAMETER_GEN, &[(CKA_PRIME_BITS, 1024), (CKA_KEY_TYPE, CKK_DH)], CKK_DSA, Err(CKR_TEMPLATE_INCONSISTENT)),
    (CKM_DSA_PARAMETER_GEN, &[(CKA_PRIME_BITS, 1024), (CKA_VALUE_LEN, 9)], CKK_DSA, Err(CKR_TEMPLATE_INCONSISTENT)),
    (CKM_DH_PKCS_PARAMETER_GEN, &[(CKA_PRIME_BITS, 512)], CKK_DH, Ok((64, 0))),
    (CKM_DH_PKCS_PARAMETER_GEN, &[(CKA_PRIME_BITS, 2048)], CKK_DH, Ok((256, 0))),
    (CKM_DH_PKCS_PARAMETER_GEN, &[(CKA_PRIME_BITS, 8192)], CKK_DH, Ok((1024, 0))),
    (CKM_DH_PKCS_PARAMETER_GEN, &[(CKA_PRIME_BITS, 511)], CKK_DH, Err(CKR_KEY_SIZE_RANGE)),
    (CKM_DH_PKCS_PARAMETER_GEN, &[(CKA_PRIME_BITS, 8191)], CKK_DH, Err(CKR_KEY_SIZE_RANGE)),
    (CKM_DH_PKCS_PARAMETER_GEN, &[(CKA_PRIME_BITS, CK_ULONG::MAX)], CKK_DH, Err(CKR_KEY_SIZE_RANGE)),
    (CKM_DH_PKCS_PARAMETER_GEN, &[(CKA_PRIME_BITS, 512), (CKA_SUBPRIME_BITS, 160)], CKK_DH, Err(CKR_TEMPLATE_INCONSISTENT)),
    (CKM_X9_42_DH_PARAMETER_GEN, &[(CKA_PRIME_BITS, 1024), (CKA_SUBPRIME_BITS, 160)], CKK_X9_42_DH, Ok((128, 20))),
    (CKM_X9_42_DH_PARAMETER_GEN, &[(CKA_PRIME_BITS, 1280), (CKA_SUBPRIME_BITS, 200)], CKK_X9_42_DH, Ok((160, 25))),
    (CKM_X9_42_DH_PARAMETER_GEN, &[(CKA_PRIME_BITS, 1024)], CKK_X9_42_DH, Err(CKR_TEMPLATE_INCOMPLETE)),
    (CKM_X9_42_DH_PARAMETER_GEN, &[(CKA_PRIME_BITS, 1088), (CKA_SUBPRIME_BITS, 160)], CKK_X9_42_DH, Err(CKR_KEY_SIZE_RANGE)),
    (CKM_X9_42_DH_PARAMETER_GEN, &[(CKA_PRIME_BITS, 8192), (CKA_SUBPRIME_BITS, 160)], CKK_X9_42_DH, Err(CKR_KEY_SIZE_RANGE)),
    (CKM_X9_42_DH_PARAMETER_GEN, &[(CKA_PRIME_BITS, 1024), (CKA_SUBPRIME_BITS, 152)], CKK_X9_42_DH, Err(CKR_KEY_SIZE_RANGE)),
];

#[test]
fn generated() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let mut tally = Tally::new("domain parameter generation");
        for (mechanism, attributes, key_type, expected) in GENERATIONS {
            let what = format!("{mechanism:#x} {attributes:x?}");
            let template = attributes.iter().fold(Template::new(), |t, (kind, value)| t.ulong(*kind, *value));
            let made = session.generate(&Mechanism::bare(*mechanism), &template);
            let (prime, subprime) = match expected {
                Err(rv) => {
                    tally.row(what, made, &[*rv]);
                    continue;
                }
                Ok(lengths) => *lengths,
            };
            let made = made.expect(&what);
            let len = |kind| session.attribute(made, kind).map_or(0, |value| value.len());
            tally.equal(format!("{what}: lengths"), (len(CKA_PRIME), len(CKA_SUBPRIME)), (prime, subprime));
            tally.equal(format!("{what}: class"), session.number(made, CKA_CLASS), Ok(CKO_DOMAIN_PARAMETERS));
            tally.equal(format!("{what}: type"), session.number(made, CKA_KEY_TYPE), Ok(*key_type));
            tally.equal(format!("{what}: local"), session.flag(made, CKA_LOCAL), Ok(true));
            tally.equal(format!("{what}: bits"), session.number(made, CKA_PRIME_BITS), Ok(8 * prime as CK_ULONG));
            // What was generated would be taken from elsewhere, too.
            let again = Template::key(CKO_DOMAIN_PARAMETERS, *key_type).with(&template_of(session, made));
            tally.row(format!("{what}: sound"), session.create(&again), &[CKR_OK]);
        }
        let odd = session.generate(&Mechanism::bytes(CKM_DSA_PARAMETER_GEN, b"odd"), &bits(1024));
        tally.row("a parameter", odd, &[CKR_MECHANISM_PARAM_INVALID]);
    });
}

/// 6.2.8: the seed comes back, and no base.
#[test]
fn with_a_seed() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let kind = CKM_DSA_PROBABILISTIC_PARAMETER_GEN;
        let mut seed = [0usize; 4];
        let parameter = |hash: CK_MECHANISM_TYPE, seed: &mut [usize; 4], len: usize| {
            Mechanism::structure(kind, Layout::new().word(hash).word(seed).word(len).word(0usize))
        };
        let mut tally = Tally::new("6.2.8 probabilistic domain parameter generation");
        let template = bits(1024).ulong(CKA_SUBPRIME_BITS, 160);
        let made = session.generate(&parameter(CKM_SHA_1, &mut seed, 20), &template).expect("domain parameters");
        let seed_bytes: Vec<u8> = seed.iter().flat_map(|word| word.to_ne_bytes()).collect();
        tally.row("no base", session.attribute(made, CKA_BASE), &[CKR_ATTRIBUTE_TYPE_INVALID]);
        tally.equal("the seed's length", seed_bytes[20..].iter().all(|byte| *byte == 0), true);
        let mut subprime = session.digest(&Mechanism::bare(CKM_SHA_1), &seed_bytes[..20]).expect("C_Digest");
        subprime[0] |= 0x80;
        subprime[19] |= 1;
        tally.equal("the subprime follows from the seed", session.attribute(made, CKA_SUBPRIME), Ok(subprime));
        for (name, mechanism) in [
            ("a short seed", parameter(CKM_SHA_1, &mut seed, 19)),
            ("a short hash", parameter(CKM_MD5, &mut seed, 20)),
            ("no hash", parameter(CKM_SHA_1_HMAC, &mut seed, 20)),
            ("another hash", parameter(CKM_SHA3_256, &mut seed, 20)),
            ("a long seed", parameter(CKM_SHA_1, &mut seed, 65)),
            ("a seed without end", parameter(CKM_SHA_1, &mut seed, usize::MAX)),
            ("a NULL seed", Mechanism::words(kind, &[CKM_SHA_1 as usize, 0, 20, 0])),
            ("nothing", Mechanism::bare(kind)),
        ] {
            tally.row(name, session.generate(&mechanism, &template), &[CKR_MECHANISM_PARAM_INVALID]);
        }
    });
}

/// 6.2.10: a base for primes, which follows from their seed; the primes and it are a group.
#[test]
fn a_base_of_a_seed() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let kind = CKM_DSA_FIPS_G_GEN;
        let mechanism = |hash: CK_MECHANISM_TYPE, index: usize| {
            Mechanism::structure(kind, Layout::new().word(hash).bytes(b"seed").word(index))
        };
        let primes = domain(CKK_DSA).without(CKA_BASE);
        let mut tally = Tally::new("6.2.10 base domain parameter generation");
        let generate = |index| session.generate(&mechanism(CKM_SHA256, index), &primes).expect("domain parameters");
        let base = |object| session.attribute(object, CKA_BASE).expect("CKA_BASE");
        let (first, again, other) = (generate(1), generate(1), generate(2));
        tally.check("the same of the same index", base(first) == base(again) && base(first) != base(other), "or not");
        tally.equal("bits", session.number(first, CKA_SUBPRIME_BITS), Ok(160));
        let created = session.create(&Template::key(CKO_DOMAIN_PARAMETERS, CKK_DSA).with(&template_of(session, first)));
        tally.row("sound", created, &[CKR_OK]);
        for (name, template, rv) in [
            ("no primes", Template::new(), CKR_TEMPLATE_INCOMPLETE),
            ("no prime", primes.clone().without(CKA_PRIME), CKR_TEMPLATE_INCOMPLETE),
            ("no subprime", primes.clone().without(CKA_SUBPRIME), CKR_TEMPLATE_INCOMPLETE),
            ("a base", domain(CKK_DSA), CKR_TEMPLATE_INCONSISTENT),
            ("another length", primes.clone().ulong(CKA_PRIME_BITS, 2048), CKR_TEMPLATE_INCONSISTENT),
            ("its length", primes.clone().ulong(CKA_PRIME_BITS, 1024), CKR_OK),
            ("another subprime", primes.clone().bytes(CKA_SUBPRIME, &hex(OF_A[0])), CKR_ATTRIBUTE_VALUE_INVALID),
            ("a prime of 0", primes.clone().bytes(CKA_PRIME, &[0]), CKR_ATTRIBUTE_VALUE_INVALID),
            ("a subprime of 1", primes.clone().bytes(CKA_SUBPRIME, &[1]), CKR_ATTRIBUTE_VALUE_INVALID),
        ] {
            tally.row(name, session.generate(&mechanism(CKM_SHA256, 1), &template), &[rv]);
        }
        for (name, mechanism) in [
            ("an index of 9 bits", mechanism(CKM_SHA256, 256)),
            ("no hash", mechanism(CKM_SHA256_HMAC, 1)),
            ("a NULL seed", Mechanism::words(kind, &[CKM_SHA256 as usize, 0, 9, 1])),
            ("nothing", Mechanism::bare(kind)),
        ] {
            tally.row(name, session.generate(&mechanism, &primes), &[CKR_MECHANISM_PARAM_INVALID]);
        }
        let told = session.generate(&Mechanism::bare(CKM_DSA_PARAMETER_GEN), &primes.ulong(CKA_PRIME_BITS, 1024));
        tally.row("primes for CKM_DSA_PARAMETER_GEN", told, &[CKR_TEMPLATE_INCONSISTENT]);
    });
}

/// Created, found, copied, kept on the token, destroyed; and no keys.
#[test]
fn objects() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let mut tally = Tally::new("4.11 domain parameter objects");
        for (name, key_type) in TYPES {
            let template =
                Template::key(CKO_DOMAIN_PARAMETERS, key_type).with(&domain(key_type)).bytes(CKA_LABEL, name.as_bytes());
            let object = session.create(&template.clone().bool(CKA_TOKEN, true)).expect("domain parameters");
            tally.equal(format!("{name}: local"), session.flag(object, CKA_LOCAL), Ok(false));
            tally.equal(format!("{name}: private"), session.flag(object, CKA_PRIVATE), Ok(false));
            tally.equal(format!("{name}: bits"), session.number(object, CKA_PRIME_BITS), Ok(1024));
            let found = session.find(&Template::key(CKO_DOMAIN_PARAMETERS, key_type).bytes(CKA_PRIME, &hex(PRIME)));
            tally.equal(format!("{name}: found"), found, Ok(vec![object]));
            let copy = session.copy(object, &Template::new().bytes(CKA_LABEL, b"copy").bool(CKA_TOKEN, false)).expect("a copy");
            tally.equal(format!("{name}: copied"), session.attribute(copy, CKA_BASE), Ok(hex(BASE)));
            tally.equal(format!("{name}: label"), session.attribute(copy, CKA_LABEL), Ok(b"copy".to_vec()));
            tally.row(
                format!("{name}: set"),
                session.set(copy, &Template::new().bytes(CKA_BASE, &[2])),
                &[CKR_ATTRIBUTE_READ_ONLY],
            );
            let mechanism = Mechanism::bare(CKM_DSA);
            tally.row(format!("{name}: signs"), session.sign(&mechanism, object, &[7; 20]), &[CKR_KEY_HANDLE_INVALID]);
            let wrapped = session.wrap(&Mechanism::bare(CKM_AES_KEY_WRAP_KWP), session.aes(32), object);
            tally.row(format!("{name}: wrapped"), wrapped, &[CKR_KEY_HANDLE_INVALID]);
            tally.row(format!("{name}: destroyed"), session.destroy(object), &[CKR_OK]);
            tally.row(format!("{name}: and its copy"), session.destroy(copy), &[CKR_OK]);
        }
    });
}

/// The length of x is as the private template says, or one bit less than the prime's.
#[test]
fn value_bits() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let mut tally = Tally::new("6.4.8 CKA_VALUE_BITS");
        let pair = |private: &Template| session.generate_pair(&pair_generation(CKK_DH), &domain(CKK_DH), private);
        for (said, expected) in [(None, 1023), (Some(160), 160), (Some(257), 257), (Some(1023), 1023)] {
            let template = said.iter().fold(Template::shown(), |t, bits| t.ulong(CKA_VALUE_BITS, *bits));
            let (_, private) = pair(&template).expect("a key pair");
            tally.equal(format!("{said:?}"), session.number(private, CKA_VALUE_BITS), Ok(expected));
            let value = session.attribute(private, CKA_VALUE).expect("CKA_VALUE");
            let length = 8 * value.len() as CK_ULONG - CK_ULONG::from(value[0].leading_zeros());
            tally.equal(format!("{said:?}: the value"), length, expected);
        }
        for said in [0, 1, 159, 1024, CK_ULONG::MAX] {
            let refused = pair(&Template::new().ulong(CKA_VALUE_BITS, said));
            tally.row(format!("{said} bits"), refused, &[CKR_ATTRIBUTE_VALUE_INVALID]);
        }
    });
}
