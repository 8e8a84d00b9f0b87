//! The examples that the standards give of themselves: digests, stream ciphers and MACs that Wycheproof does not have.

use hsm_tests::*;

/// FIPS 180-4, FIPS 202, RFC 7693, RFC 1319 and RFC 1321, of "abc"; BLAKE2b of 160, 256 and 384 bits by Python's hashlib.
#[test]
fn digests() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.open(false);
        let mut tally = Tally::new("examples of digests");
        for (name, mechanism, digest) in [
            ("MD2", CKM_MD2, "da853b0d3f88d99b30283a69e6ded6bb"),
            ("MD5", CKM_MD5, "900150983cd24fb0d6963f7d28e17f72"),
            ("SHA-512/224", CKM_SHA512_224, "4634270f707b6a54daae7530460842e20e37ed265ceee9a43e8924aa"),
            ("SHA-512/256", CKM_SHA512_256, "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23"),
            ("SHA3-224", CKM_SHA3_224, "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf"),
            ("SHA3-256", CKM_SHA3_256, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"),
            (
                "SHA3-384",
                CKM_SHA3_384,
                "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7f539f1edf228376d25",
            ),
            (
                "SHA3-512",
                CKM_SHA3_512,
                "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e\
                 10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0",
            ),
            ("BLAKE2b-160", CKM_BLAKE2B_160, "384264f676f39536840523f284921cdc68b6846b"),
            ("BLAKE2b-256", CKM_BLAKE2B_256, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"),
            (
                "BLAKE2b-384",
                CKM_BLAKE2B_384,
                "6f56a82c8e7ef526dfe182eb5212f7db9df1317e57815dbda46083fc30f54ee6c66ba83be64b302d7cba6ce15bb556f4",
            ),
            (
                "BLAKE2b-512",
                CKM_BLAKE2B_512,
                "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1\
                 7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
            ),
        ] {
            tally.equal(name, session.digest(&Mechanism::bare(mechanism), b"abc"), Ok(hex(digest)));
        }
    });
}

/// RFC 6229, SP 800-38A F.3 and F.4 (CFB8 after its 18 bytes by openssl), RFC 3962 appendix B (CS3, of which CS1 is the last two pieces
/// in the other order), RFC 8439 2.4.2, SP 800-67 B.1, DES3 in CBC by openssl, FIPS 81 tables B1 and C1, and RFC 3713 (CBC by openssl).
#[test]
fn ciphers() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let iv: Vec<u8> = (0..16).collect();
        let aes = session.key_of(CKK_AES, &hex("2b7e151628aed2a6abf7158809cf4f3c"));
        let chicken = session.key_of(CKK_AES, b"chicken teriyaki");
        let chacha = session.key_of(CKK_CHACHA20, &(0..32).collect::<Vec<u8>>());
        let des3 = session.key_of(CKK_DES3, &hex("0123456789abcdef23456789abcdef01456789abcdef0123"));
        let des = session.key_of(CKK_DES, &hex("0123456789abcdef"));
        let [rc4_40, rc4_128] = [5, 16].map(|len| session.key_of(CKK_RC4, &(1..=len).collect::<Vec<u8>>()));
        let text = hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
        let camellia = hex("0123456789abcdeffedcba987654321000112233445566778899aabbccddeeff");
        let [camellia16, camellia24, camellia32] = [16, 24, 32].map(|len| session.key_of(CKK_CAMELLIA, &camellia[..len]));
        let mut tally = Tally::new("examples of ciphers");
        for (name, mechanism, key, plain, cipher) in [
            (
                "OFB",
                Mechanism::bytes(CKM_AES_OFB, &iv),
                aes,
                &text[..],
                "3b3fd92eb72dad20333449f8e83cfb4a7789508d16918f03f53c52dac54ed825",
            ),
            ("CFB1", Mechanism::bytes(CKM_AES_CFB1, &iv), aes, &text[..2], "68b3"),
            (
                "CFB8",
                Mechanism::bytes(CKM_AES_CFB8, &iv),
                aes,
                &text,
                "3b79424c9c0dd436bace9e0ed4586a4f32b9ded50ae3ba69d472e88267fb5052",
            ),
            (
                "CFB128",
                Mechanism::bytes(CKM_AES_CFB128, &iv),
                aes,
                &text,
                "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b",
            ),
            (
                "CTS",
                Mechanism::bytes(CKM_AES_CTS, &[0; 16]),
                chicken,
                b"I would like the General Gau's ",
                "97687268d6ecccc0c07b25e25ecfe5fc00783e0efdb2c1d445d4c8eff7ed22",
            ),
            (
                "ChaCha20",
                Mechanism::chacha20(&[1, 0, 0, 0], &hex("000000000000004a00000000")),
                chacha,
                b"Ladies and Gentlemen of the class of '99: If I co",
                "6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0bf91b65c5524733ab8f593dabcd62b35716",
            ),
            (
                "DES3 ECB",
                Mechanism::bare(CKM_DES3_ECB),
                des3,
                b"The qufck brown fox jump",
                "a826fd8ce53b855fcce21c8112256fe668d5c05dd9b6b900",
            ),
            (
                "DES3 CBC",
                Mechanism::bytes(CKM_DES3_CBC, &hex("f69f2445df4f9b17")),
                des3,
                &text,
                "2079c3d53aa763e193b79e2569ab5262516570481f25b50f73c0bda85c8e0da7",
            ),
            (
                "DES ECB",
                Mechanism::bare(CKM_DES_ECB),
                des,
                b"Now is the time for all ",
                "3fa40e8a984d48156a271787ab8883f9893d51ec4b563b53",
            ),
            (
                "DES CBC",
                Mechanism::bytes(CKM_DES_CBC, &hex("1234567890abcdef")),
                des,
                b"Now is the time for all ",
                "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6",
            ),
            (
                "RC4 of 40 bits",
                Mechanism::bare(CKM_RC4),
                rc4_40,
                &[0; 32],
                "b2396305f03dc027ccc3524a0a1118a86982944f18fc82d589c403a47a0d0919",
            ),
            ("RC4 of 128 bits", Mechanism::bare(CKM_RC4), rc4_128, &[0; 16], "9ac7cc9a609d1ef7b2932899cde41b97"),
            ("Camellia-128", Mechanism::bare(CKM_CAMELLIA_ECB), camellia16, &camellia[..16], "67673138549669730857065648eabe43"),
            ("Camellia-192", Mechanism::bare(CKM_CAMELLIA_ECB), camellia24, &camellia[..16], "b4993401b3e996f84ee5cee7d79b09b9"),
            ("Camellia-256", Mechanism::bare(CKM_CAMELLIA_ECB), camellia32, &camellia[..16], "9acc237dff16d76c20ef7c919e3a7509"),
            (
                "Camellia-192 CBC",
                Mechanism::bytes(CKM_CAMELLIA_CBC, &hex("f69f2445df4f9b17f69f2445df4f9b17")),
                camellia24,
                &[0; 32],
                "8e52c424bd27516a72fbb312a654ec3babb414bce197fbc1a47786479676da70",
            ),
        ] {
            tally.equal(name, session.encrypt(&mechanism, key, plain), Ok(hex(cipher)));
            tally.equal(name, session.decrypt(&mechanism, key, &hex(cipher)), Ok(plain.to_vec()));
        }
    });
}

/// RFC 4269, appendix B: key, plaintext, ciphertext. NSS 3.87 for CBC and the MAC, of which the RFC has no example.
#[test]
fn seed() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let last = "28dbc3bc49ffd87dcfa509b11d422be7";
        let mut tally = Tally::new("RFC 4269, appendix B");
        for (key, plain, cipher) in [
            ("00000000000000000000000000000000", "000102030405060708090a0b0c0d0e0f", "5ebac6e0054e166819aff1cc6d346cdb"),
            ("000102030405060708090a0b0c0d0e0f", "00000000000000000000000000000000", "c11f22f20140505084483597e4370f43"),
            ("4706480851e61be85d74bfb3fd956185", "83a2f8a288641fb9a4e9a5cc2f131c7d", "ee54d13ebcae706d226bc3142cd40d4a"),
            (last, "b41e6be2eba84a148e2eed84593c5ec7", "9b9b7bfcd1813cb95d0b3618f40f5122"),
        ] {
            let key = session.key_of(CKK_SEED, &hex(key));
            let ecb = Mechanism::bare(CKM_SEED_ECB);
            tally.equal("encrypted", session.encrypt(&ecb, key, &hex(plain)), Ok(hex(cipher)));
            tally.equal("decrypted", session.decrypt(&ecb, key, &hex(cipher)), Ok(hex(plain)));
        }
        let (key, bytes) = (session.key_of(CKK_SEED, &hex(last)), (0..32).collect::<Vec<u8>>());
        for (kind, len, cipher) in [
            (CKM_SEED_CBC, 32, "633d82c83ea686cc440920cad857c2aec73316b09da9c66a3ad7e7936b65619c"),
            (CKM_SEED_CBC_PAD, 5, "37e6a0fe9200e65eeb0fe5bfcc4d0508"),
        ] {
            let mechanism = Mechanism::bytes(kind, &bytes[..16]);
            tally.equal("CBC", session.encrypt(&mechanism, key, &bytes[..len]), Ok(hex(cipher)));
            tally.equal("CBC", session.decrypt(&mechanism, key, &hex(cipher)), Ok(bytes[..len].to_vec()));
        }
        let mac = |mechanism| session.sign(&mechanism, key, b"abcdefghijk");
        tally.equal("MAC", mac(Mechanism::bare(CKM_SEED_MAC)), Ok(hex("ecaa410346bd90f4")));
        let whole = "ecaa410346bd90f4206e177f54d92895";
        tally.equal("MAC of 16", mac(Mechanism::general(CKM_SEED_MAC_GENERAL, 16)), Ok(hex(whole)));
    });
}

/// RFC 2268, section 5: key, effective bits, plaintext, ciphertext. NSS 3.87 for CBC and the MAC, of which the RFC has no example.
#[test]
fn rc2() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let long = "88bca90e90875a7f0f79c384627bafb2";
        let mut tally = Tally::new("RFC 2268, section 5");
        for (key, bits, plain, cipher) in [
            ("0000000000000000", 63, "0000000000000000", "ebb773f993278eff"),
            ("ffffffffffffffff", 64, "ffffffffffffffff", "278b27e42e2f0d49"),
            ("3000000000000000", 64, "1000000000000001", "30649edf9be7d2c2"),
            ("88", 64, "0000000000000000", "61a8a244adacccf0"),
            ("88bca90e90875a", 64, "0000000000000000", "6ccf4308974c267f"),
            (long, 64, "0000000000000000", "1a807d272bbe5db1"),
            (long, 128, "0000000000000000", "2269552ab0f85ca6"),
            ("88bca90e90875a7f0f79c384627bafb216f80a6f85920584c42fceb0be255daf1e", 129, "0000000000000000", "5b78d3a43dfff1f1"),
        ] {
            let made = session.key_of(CKK_RC2, &hex(key));
            for mechanism in [Mechanism::words(CKM_RC2_ECB, &[bits]), Mechanism::words(CKM_RC2_ECB, &[bits, 7])] {
                tally.equal(format!("{key} {bits}"), session.encrypt(&mechanism, made, &hex(plain)), Ok(hex(cipher)));
                tally.equal(format!("{key} {bits}"), session.decrypt(&mechanism, made, &hex(cipher)), Ok(hex(plain)));
            }
        }
        let key = session.key_of(CKK_RC2, &hex(long));
        let cbc = Mechanism::words(CKM_RC2_CBC, &[64, 0x0706_0504_0302_0100]);
        let encrypted = session.encrypt(&cbc, key, b"abcdefghijklmnop");
        tally.equal("CBC", encrypted, Ok(hex("4610a7811bd8b99b6fc51e02005f23b3")));
        let mac = |mechanism| session.sign(&mechanism, key, b"abcdefghijk");
        tally.equal("MAC", mac(Mechanism::words(CKM_RC2_MAC, &[64])), Ok(hex("52217050")));
        tally.equal("MAC of 7", mac(Mechanism::words(CKM_RC2_MAC_GENERAL, &[64, 7])), Ok(hex("522170508467df")));
    });
}

/// FIPS 113, RFC 3566 section 4, RFC 8439 2.5.2, SP 800-38B D.4, RFC 2202 (MD5, case 2), SP 800-38A F.1.1 (one block of CBC-MAC is ECB), and HMAC with
/// BLAKE2b by Python's hmac, with MD2 by NSS 3.87 (which pads keys to 64 bytes).
#[test]
fn macs() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let jefe = b"what do ya want for nothing?";
        let block = hex("6bc1bee22e409f96e93d7e117393172a");
        let camellia = hex("0123456789abcdeffedcba9876543210");
        let mut tally = Tally::new("examples of MACs");
        for (name, mechanism, key_type, key, message, mac) in [
            (
                "Poly1305",
                Mechanism::bare(CKM_POLY1305),
                CKK_POLY1305,
                hex("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b"),
                &b"Cryptographic Forum Research Group"[..],
                "a8061dc1305136c6c22b8baf0c0127a9",
            ),
            (
                "DES3 CMAC",
                Mechanism::bare(CKM_DES3_CMAC),
                CKK_DES3,
                hex("8aa83bf8cbda10620bc1bf19fbb6cd58bc313d4a371ca8b5"),
                &block[..8],
                "8e8f293136283797",
            ),
            (
                "AES MAC",
                Mechanism::bare(CKM_AES_MAC),
                CKK_AES,
                hex("2b7e151628aed2a6abf7158809cf4f3c"),
                &block,
                "3ad77bb40d7a3660",
            ),
            (
                "DES MAC",
                Mechanism::bare(CKM_DES_MAC),
                CKK_DES,
                hex("0123456789abcdef"),
                b"7654321 Now is the time for ",
                "f1d30f68",
            ),
            (
                "DES3 MAC, whole",
                Mechanism::general(CKM_DES3_MAC_GENERAL, 8),
                CKK_DES3,
                hex("0123456789abcdef23456789abcdef01456789abcdef0123"),
                b"7654321 Now is the time for ",
                "bcf91c9e0bffe6e9",
            ),
            (
                "Camellia MAC",
                Mechanism::bare(CKM_CAMELLIA_MAC),
                CKK_CAMELLIA,
                camellia.clone(),
                &camellia,
                "67673138549669730857065648eabe43".get(..16).expect("half of it"),
            ),
            (
                "HMAC-MD2",
                Mechanism::bare(CKM_MD2_HMAC),
                CKK_GENERIC_SECRET,
                b"Jefe".to_vec(),
                jefe,
                "076f10bf543369f815d3aa31c24ad53c",
            ),
            ("HMAC-MD5", Mechanism::bare(CKM_MD5_HMAC), CKK_MD5_HMAC, b"Jefe".to_vec(), jefe, "750c783e6ab0b503eaa86e310a5db738"),
            (
                "HMAC-BLAKE2b-160",
                Mechanism::bare(CKM_BLAKE2B_160_HMAC),
                CKK_BLAKE2B_160_HMAC,
                b"Jefe".to_vec(),
                jefe,
                "c4728ccc2f7600f89d9a480514910b9f5daf3dd6",
            ),
            (
                "HMAC-BLAKE2b-512, cut",
                Mechanism::general(CKM_BLAKE2B_512_HMAC_GENERAL, 10),
                CKK_GENERIC_SECRET,
                b"Jefe".to_vec(),
                jefe,
                "6ff884f8ddc2a6586b3c",
            ),
        ] {
            let key = session.key_of(key_type, &key);
            tally.equal(name, session.sign(&mechanism, key, message), Ok(hex(mac)));
        }
    });
}

/// RFC 3566, section 4, in one part and in two.
#[test]
fn xcbc() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let bytes: Vec<u8> = (0..34).collect();
        let key = session.key_of(CKK_AES, &bytes[..16]);
        let mut tally = Tally::new("AES-XCBC-MAC");
        for (message, mac) in [
            (&bytes[..0], "75f0251d528ac01c4573dfd584d79f29"),
            (&bytes[..3], "5b376580ae2f19afe7219ceef172756f"),
            (&bytes[..16], "d2a246fa349b68a79998a4394ff7a263"),
            (&bytes[..20], "47f51b4564966215b8985c63055ed308"),
            (&bytes[..32], "f54f0ec8d2b9f3d36807734bd5283fd4"),
            (&bytes[..34], "becbb3bccdb518a30677d5481fb6b4d8"),
            (&[0; 1000], "f0dafee895db30253761103b5d84528f"),
        ] {
            let name = format!("{} bytes", message.len());
            tally.equal(&name, session.sign(&Mechanism::bare(CKM_AES_XCBC_MAC), key, message), Ok(hex(mac)));
            let cut = session.sign(&Mechanism::bare(CKM_AES_XCBC_MAC_96), key, message);
            tally.equal(&name, cut, Ok(hex(&mac[..24])));
        }
        let long = session.aes(32);
        tally.row("32 bytes", session.begin(Begin::Sign, &Mechanism::bare(CKM_AES_XCBC_MAC), long), &[CKR_KEY_SIZE_RANGE]);
    });
}
