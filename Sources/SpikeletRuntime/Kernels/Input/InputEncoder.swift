/// Turns a picture into the spike map of one timestep.
///
/// Rate: pixel p fires at timestep t iff ⌊p·t/255⌋ > ⌊p·(t−1)/255⌋. The floors differ exactly when
/// the remainder of p·t/255 is below p. After T steps a pixel has fired ⌊p·T/255⌋ times, evenly
/// spread. p·t stays below 2^24.
///
/// Poisson: pixel p fires with probability p/255, independently at every timestep. Stateless: the draw
/// is a function of seed, image, timestep and pixel (in channel, row, column order), so every machine
/// and any order of work gives the same spikes.
///
/// Events: the frame is the map itself, but for bits of channels that do not exist.
struct InputEncoder {
  let mode: InputMode
  let timestep: Int32
  let image: UInt32
  let seed: SIMD2<UInt32>

  /// Writes every word of the map.
  func encode(_ input: ReadRegion, _ map: SpikeMap, into spikes: Region) {
    if mode == .events { return copy(input, map, into: spikes) }
    for site in 0..<map.sites {
      for word in 0..<map.wordsPerSite {
        var bits: UInt32 = 0
        let first = word &* 32
        for channel in first..<max(first, min(first &+ 32, map.channels)) {
          let pixel = channel &* map.sites &+ site
          let value = UInt32(truncatingIfNeeded: input.load(pixel, as: UInt8.self))
          if value != 0, fires(value, pixel: pixel) {
            bits |= 1 &<< UInt32(truncatingIfNeeded: channel &- first)
          }
        }
        map.setWord(bits, spikes, site: site, word: word)
      }
    }
  }

  /// Writes a picture's mirror image: each row of each channel from its end to its beginning.
  static func mirror(_ picture: ReadRegion, width: Int, into image: Region) {
    var row = 0
    while row != image.count {
      var (pixel, target) = (row &+ width, row)
      row &+= width
      while target != row {
        pixel &-= 1
        image.store(picture.load(pixel, as: UInt8.self), target)
        target &+= 1
      }
    }
  }

  private func copy(_ frame: ReadRegion, _ map: SpikeMap, into spikes: Region) {
    for site in 0..<map.sites {
      var rest = map.channels
      for word in 0..<map.wordsPerSite {
        let valid: UInt32 = rest >= 32 ? .max : (1 &<< UInt32(truncatingIfNeeded: rest)) &- 1
        map.setWord(map.word(frame, site: site, word: word) & valid, spikes, site: site, word: word)
        rest &-= 32
      }
    }
  }

  @inline(__always)
  private func fires(_ value: UInt32, pixel: Int) -> Bool {
    let t = UInt32(truncatingIfNeeded: timestep)
    if mode == .rate { return (value &* t) % 255 < value }
    let index = UInt32(truncatingIfNeeded: pixel)
    let draws = Philox.draw(counter: SIMD4(index / 4, t, image, 0), key: seed)
    // A uniform draw from 0…254: 255 always fires.
    let draw = draws[Int(truncatingIfNeeded: index & 3)].multipliedFullWidth(by: 255).high
    return draw < value
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
