/// Where a gather has its weights: asked by the kernel, the overflow proof and the packer.
///
/// The output channels are cut into tiles of 64 and, of the rest, tiles of 32, 16 and 8 as needed, so
/// that at most seven lanes are padding (`tile`). The weights lie as
/// `[tile][kernel row][kernel column][input channel][lane of the tile]`.
///
/// 8-bit weights are one signed byte a lane. 4-bit weights are two lanes a byte, each plus 8, that is
/// 0…15: byte j of a row of n lanes holds lane j in its low half and lane j + n/2 in its high half, so
/// that a mask and a shift unpack a whole register. Weights of 16 bits have no gather.
///
/// A dense layer is a convolution whose kernel is as large as the map.
struct GatherLayout {
  let inputChannels: Int
  let kernelHeight: Int
  let kernelWidth: Int
  let outputChannels: Int
  /// 8 or 4.
  let bits: Int

  /// Rows of weights of one tile: every tap of every input channel.
  var rows: Int { kernelHeight &* kernelWidth &* inputChannels }

  /// The bytes of all weights.
  var byteCount: Int { padded(outputChannels) &* rows &* bits / 8 }

  /// The tile that begins at an output channel: its lanes, 64, 32, 16 or 8.
  @inline(__always)
  func lanes(from channel: Int) -> Int {
    let rest = padded(outputChannels) &- channel
    if rest >= 64 { return 64 }
    return rest >= 32 ? 32 : rest >= 16 ? 16 : 8
  }

  /// The tile that an output channel lies in.
  func tile(of output: Int) -> (first: Int, lanes: Int) {
    var first = 0
    while output >= first &+ lanes(from: first) { first &+= lanes(from: first) }
    return (first, lanes(from: first))
  }

  /// The byte offset of a tile's weights.
  @inline(__always)
  func offset(tile first: Int) -> Int { first &* rows &* bits / 8 }

  /// Where a weight lies: its byte and, of that, its lowest bit.
  func position(
    output: Int, input: Int, row: Int, column: Int
  ) -> (byte: Int, bit: Int) {
    let (first, lanes) = tile(of: output)
    let line = (row &* kernelWidth &+ column) &* inputChannels &+ input
    let start = offset(tile: first) &+ line &* lanes &* bits / 8
    let lane = output &- first
    if bits == 8 { return (start &+ lane, 0) }
    return (start &+ lane % (lanes / 2), lane < lanes / 2 ? 0 : 4)
  }

  /// The weight at a position: what the packer wrote there, −128…127 or −8…7.
  func weight(
    _ weights: ReadRegion, output: Int, input: Int, row: Int, column: Int
  ) -> Int32 {
    let (byte, bit) = position(output: output, input: input, row: row, column: column)
    if bits == 8 { return Int32(weights.load(byte, as: Int8.self)) }
    let pair = weights.load(byte, as: UInt8.self) &>> UInt8(truncatingIfNeeded: bit)
    return Int32(pair & 15) &- 8
  }
}
