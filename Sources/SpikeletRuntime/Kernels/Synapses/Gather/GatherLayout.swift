/// Where a gather has its weights: asked by the kernel, the overflow proof and the packer.
///
/// The output channels are cut into tiles of 64 and, of the rest, tiles of 32, 16 and 8 as needed, so
/// that at most seven lanes are padding (`tile`). The weights lie as
/// `[tile][kernel row][kernel column][input channel][lane of the tile]`.
///
/// 8-bit weights are one signed byte a lane. 4-bit weights are two lanes a byte, each plus 8, that is
/// 0…15: byte j of a row of n lanes holds lane j in its low half and lane j + n/2 in its high half, so
/// that a mask and a shift unpack a whole register. Lanes behind the last channel may hold anything.
/// Weights of 16 bits have no gather.
///
/// **Groups of sites.** Where there are 9 to 16 output channels and the windows of neighbours lie one
/// column apart, four sites side by side fill 64 lanes (`isGrouped`). A spike's weights for the four are
/// those of one kernel column after the other, the last first, so they lie as
/// `[kernel row][input channel][kernel column, the last first][16 lanes]` with three columns of zeros
/// before and behind those of the kernel (of 4 bits: 8, which is a zero): what the spike does not reach
/// gets zeros. A packer begins with all bytes 0, or 0x88.
///
/// A dense layer is a convolution whose kernel is as large as the map.
struct GatherLayout {
  let inputChannels: Int
  let kernelHeight: Int
  let kernelWidth: Int
  let outputChannels: Int
  /// 8 or 4.
  let bits: Int
  let isGrouped: Bool

  /// - Parameter strideWidth: of the convolution; 1 for a dense layer.
  init(
    inputChannels: Int, kernelHeight: Int, kernelWidth: Int, strideWidth: Int, outputChannels: Int,
    outputWidth: Int, bits: Int
  ) {
    self.inputChannels = inputChannels
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.outputChannels = outputChannels
    self.bits = bits
    isGrouped = padded(outputChannels) == 16 && strideWidth == 1 && outputWidth >= 4
  }

  /// Rows of weights of an input channel below a row of the kernel.
  var columns: Int { isGrouped ? kernelWidth &+ 6 : kernelWidth }

  /// Rows of weights of one tile: every tap of every input channel.
  var rows: Int { kernelHeight &* columns &* inputChannels }

  /// What a channel and a column add to an entry of the list: an entry is a row of weights, counted
  /// from the first of a row of the kernel whose first column is that of the map. (Grouped: whose
  /// last column it is.)
  var channelStep: Int { isGrouped ? columns : 1 }
  var columnStep: Int { isGrouped ? -1 : inputChannels }

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
    let line =
      isGrouped
      ? (row &* inputChannels &+ input) &* columns &+ kernelWidth &+ 2 &- column
      : (row &* kernelWidth &+ column) &* inputChannels &+ input
    let start = offset(tile: first) &+ line &* lanes &* bits / 8
    let lane = output &- first
    if bits == 8 { return (start &+ lane, 0) }
    return (start &+ lane % (lanes / 2), lane < lanes / 2 ? 0 : 4)
  }
}
