#include "base/hash.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

namespace tenon {
namespace {

struct Vector {
  size_t length;  // of an input of bytes i % 251
  const char* hash;
  const char* mac;  // with the key 00 01 .. 1f
};
// Made with the reference implementation.
constexpr Vector vectors[] = {
    {0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
     "73492b19995d71cdb1e9d74decc09809eb732f1b00bc95c27cb15f9dd4d6478f"},
    {1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213",
     "d08b45c6b127ee94f3f8527a0b82a5f80be1695a0eaec6022e772c0eb95a7e8b"},
    {63, "e9bc37a594daad83be9470df7f7b3798297c3d834ce80ba85d6e207627b7db7b",
     "e471df92f6f7dee100138af7da29695906b0dc34ccde2142a730dd4ebcbc09cc"},
    {64, "4eed7141ea4a5cd4b788606bd23f46e212af9cacebacdc7d1f4c6dc7f2511b98",
     "cfaf838ff320e0d87301dcba02b1a4bb397d65119f57403df2817a51d4025f9b"},
    {65, "de1e5fa0be70df6d2be8fffd0e99ceaa8eb6e8c93a63f2d8d1c30ecb6b263dee",
     "d8a45528bfa93a0d9b7bf4c840b68f64af0b9ad3d0bbd6c1421c2a4cf1cdf3b4"},
    {1023, "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11",
     "da1f18069871512af22af9f13dc005800dfd52c55f42753b5ae718086fe2ee44"},
    {1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7",
     "f45a9249a627fdf1fcf13c0e6376f6a9a9b2056d6e1b5693a4b119a3453665f9"},
    {1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444",
     "82223147a9b804a0c3f9a921b8d8aee250d1a51bb76be72152e6d5e8f27349b3"},
    {2048, "e776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a",
     "636bfa717d4f9fc3e59da9b2e5cce6a2b78eb70469c0fce49da38b5419892423"},
    {2049, "5f4d72f40d7a5f82b15ca2b2e44b1de3c2ef86c426c95c1af0b6879522563030",
     "5442eec85e3fd173dcff07c39cd8cff9689f17224471e655618ed728cf03b056"},
    {65536, "68d647e619a930e7b1082f74f334b0c65a315725569bdc123f0ee11881717bfe",
     "ca2a089711002f4987989e5fab9c11ca9940e94ee258ea062d2bcb402de11ca9"},
    {65537, "7c99f9840a73dfcb6e5bfe4ff6d1558acab7e015640790c26411818bdbe17eca",
     "77630e1400f2542f6c837ad042df8c5299643cfadbba280355f628f1e966b62a"},
    {131072, "306baba93b1a393cbd35172837c98b0f59a41f64e1b2682ae102d8b2534b9e1c",
     "0eed93ee0e31b0d5ba7c0feaf30758ac652cf202ed65e63a380a11369e95a086"},
    {200000, "55409142cced2ec79897459f170b6d22565daf883710b4ad7aeeddaef54244b4",
     "f2fa187465ae24d43fd15c1815bf677dd601bf0f1be0a0a16b945923c1915739"},
    {1000003, "cd5a3272e01b1a2f47bb4565d8d202db0f95704d32550a2da61a0fd363d4c90d",
     "215743aa8875842a6aaab46920f7561eeb6fe94be01fb9afde18efa0d30f1de4"},
};

std::vector<uint8_t> input(size_t length) {
  std::vector<uint8_t> bytes(length);
  for (size_t i = 0; i < length; i++) bytes[i] = static_cast<uint8_t>(i % 251);
  return bytes;
}

MacKey test_key() {
  MacKey key;
  for (size_t i = 0; i < key.size(); i++) key[i] = static_cast<uint8_t>(i);
  return key;
}

TEST_CASE("hashes and MACs of the reference implementation") {
  for (const Vector& v : vectors) {
    CAPTURE(v.length);
    CHECK_EQ(to_hex(hash(input(v.length))), v.hash);
    CHECK_EQ(to_hex(mac(test_key(), input(v.length))), v.mac);
  }
}

TEST_CASE("a hash does not depend on how the bytes arrive") {
  for (const Vector& v : vectors) {
    for (size_t step : {1, 7, 64, 1000, 1024, 65536, 70000}) {
      if (v.length / step > 20'000) continue;
      auto bytes = input(v.length);
      Hasher hasher;
      for (size_t i = 0; i < bytes.size(); i += step) {
        hasher.add(std::span(bytes).subspan(i, std::min(step, bytes.size() - i)));
      }
      CHECK_EQ(to_hex(hasher.digest()), v.hash);
    }
  }
}

TEST_CASE("texts are hashed with their length") {
  CHECK_FALSE(
      same_digest(Hasher().add("ab").add("c").digest(), Hasher().add("a").add("bc").digest()));
  CHECK(same_digest(
      Hasher().add("ab").digest(),
      Hasher().add(uint64_t{2}).add(input(0)).add(std::vector<uint8_t>{'a', 'b'}).digest()));
}

}  // namespace
}  // namespace tenon
