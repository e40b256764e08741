/// Turns a picture into the spike map of one timestep.
enum InputEncoder {
  /// Deterministic rate coding: pixel p fires at timestep t iff ⌊p·t/255⌋ > ⌊p·(t−1)/255⌋.
  ///
  /// The floors differ exactly when the remainder of p·t/255 is below p. After T steps a pixel has
  /// fired ⌊p·T/255⌋ times, evenly spread. p·t stays below 2^24.
  static func encodeRate(_ input: ReadRegion, _ map: SpikeMap, timestep: Int32, into spikes: Region)
  {
    let t = UInt32(truncatingIfNeeded: timestep)
    encode(map, into: spikes) { pixel in
      let p = UInt32(truncatingIfNeeded: input.load(pixel, as: UInt8.self))
      return (p &* t) % 255 < p
    }
  }

  /// Poisson coding: pixel p fires with probability p/255, independently at every timestep.
  ///
  /// Stateless: the draw is a function of seed, image, timestep and pixel (in channel, row, column
  /// order), so every machine and any order of work gives the same spikes.
  static func encodePoisson(
    _ input: ReadRegion, _ map: SpikeMap, timestep: Int32, image: UInt32, seed: SIMD2<UInt32>,
    into spikes: Region
  ) {
    let t = UInt32(truncatingIfNeeded: timestep)
    encode(map, into: spikes) { pixel in
      let p = UInt32(truncatingIfNeeded: input.load(pixel, as: UInt8.self))
      guard p != 0 else { return false }
      let index = UInt32(truncatingIfNeeded: pixel)
      let draws = Philox.draw(counter: SIMD4(index / 4, t, image, 0), key: seed)
      // A uniform draw from 0…254: p = 255 always fires, p = 0 never.
      let draw = draws[Int(truncatingIfNeeded: index & 3)].multipliedFullWidth(by: 255).high
      return draw < p
    }
  }

  /// Writes every word of the map; `fires` is asked with the pixel's index in CHW order.
  @inline(__always)
  private static func encode(_ map: SpikeMap, into spikes: Region, fires: (Int) -> Bool) {
    for site in 0..<map.sites {
      for word in 0..<map.wordsPerSite {
        var bits: UInt32 = 0
        let first = word &* 32
        for channel in first..<max(first, min(first &+ 32, map.channels)) {
          if fires(channel &* map.sites &+ site) {
            bits |= 1 &<< UInt32(truncatingIfNeeded: channel &- first)
          }
        }
        map.setWord(bits, spikes, site: site, word: word)
      }
    }
  }
}

/// The Philox4×32-10 counter-based generator (Salmon et al., SC 2011).
package enum Philox {
  /// Four uniform words for a counter and a key.
  @inline(__always)
  package static func draw(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var c = counter
    var k = key
    for _ in 0..<10 {
      let a = c[0].multipliedFullWidth(by: 0xD251_1F53)
      let b = c[2].multipliedFullWidth(by: 0xCD9E_8D57)
      c = SIMD4(b.high ^ c[1] ^ k[0], b.low, a.high ^ c[3] ^ k[1], a.low)
      k = SIMD2(k[0] &+ 0x9E37_79B9, k[1] &+ 0xBB67_AE85)
    }
    return c
  }
}
