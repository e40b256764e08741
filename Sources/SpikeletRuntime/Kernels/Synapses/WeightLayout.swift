/// The orders in which the weights of a connection can lie; a kernel reads one of them.
package enum WeightOrder: Int32, Sendable {
  /// One row of weights for each input that can spike: what scatter adds.
  case byInput = 1
  /// Tiles of up to 64 outputs, in each a line for every tap: what gather adds (`GatherLayout`).
  case byOutput = 2
  /// Blocks of eight outputs, in each a line for every tap (`PictureBlocks`).
  case pictureBlocks = 3
  /// Rows of a kernel, all outputs in each (`GrayLines`).
  case grayLines = 4
}

/// Where each weight of a connection lies in the file.
///
/// The kernel that reads the weights, the overflow proof that sums them and the compiler that packs
/// them all ask here; nothing else knows an order. What follows is the first order, by input; those of
/// other kernels are told where the kernels are (`WeightOrder`).
///
/// *A row* is what one input adds to the channels of one output site, and rows lie one after the other:
///
/// | connection | order of the rows | length of a row |
/// |---|---|---|
/// | convolution | input channel, kernel row, kernel column *by phase* | padded outputs; with groups those of one group |
/// | dense | source row, source column, input channel | padded outputs |
/// | channelwise | one row | padded outputs |
///
/// By phase: the columns of a kernel row are ordered by their column mod the stride and, within a
/// phase, the last first. What one spike adds to neighbouring sites is then one run of weights, at any
/// stride. A dense layer's rows follow the order in which the spikes of a channels-last map lie, so
/// that flattening costs nothing.
package struct WeightLayout {
  package let kind: ConnectionKind
  package let order: WeightOrder
  package let bits: Int
  /// Channels of the source.
  package let inputs: Int
  /// Channels of the layer.
  package let outputs: Int
  package let groups: Int
  /// The taps of one input channel: the kernel's, or every site of a dense layer's source.
  package let kernelHeight: Int
  package let kernelWidth: Int
  let strideWidth: Int
  /// Columns of the layer.
  let outputWidth: Int
  /// Weights in a row, by input.
  package let rowLength: Int
  /// By input, bytes from the row of one input channel, kernel row or kernel column to the next.
  let channelStep: Int
  let rowStep: Int
  let columnStep: Int
  /// The bytes of all weights by input; where they cannot be counted no other number counts either.
  let rowsSize: Size

  /// - Parameters:
  ///   - inputs: channels of the source's map.
  ///   - outputs: channels of the layer.
  ///   - outputWidth: columns of the layer.
  package init(_ connection: ConnectionRecord, inputs: Int, outputs: Int, outputWidth: Int) {
    kind = ConnectionKind(rawValue: connection.kind) ?? .maxPool
    order = WeightOrder(rawValue: connection.weightOrder) ?? .byInput
    self.outputWidth = outputWidth
    bits = Int(connection.weightBits)
    self.inputs = inputs
    self.outputs = outputs
    switch kind {
    case .convolution:
      let window = connection.window
      (kernelHeight, kernelWidth) = (Int(window.height), Int(window.width))
      strideWidth = Int(window.strideWidth)
      groups = Int(window.groups)
      rowLength = groups == 1 ? padded(outputs) : outputs / groups
      columnStep = Weights.rowBytes(rowLength, bits: bits)
      rowStep = kernelWidth &* columnStep
      channelStep = kernelHeight &* rowStep
      rowsSize = Size(inputs) * Size(kernelHeight) * Size(kernelWidth) * Size(columnStep)
    case .dense:
      (kernelHeight, kernelWidth) = (Int(connection.pooledHeight), Int(connection.pooledWidth))
      (strideWidth, groups) = (1, 1)
      rowLength = padded(outputs)
      channelStep = Weights.rowBytes(rowLength, bits: bits)
      columnStep = inputs &* channelStep
      rowStep = kernelWidth &* columnStep
      rowsSize = Size(kernelHeight) * Size(kernelWidth) * Size(inputs) * Size(channelStep)
    case .channelwise:
      (kernelHeight, kernelWidth, strideWidth, groups) = (1, 1, 1, 1)
      rowLength = padded(outputs)
      // A step leads to the weight of the next channel, which is a row of its own to the kernel.
      channelStep = bits / 8
      (rowStep, columnStep) = (0, 0)
      rowsSize = Size(rowLength) * Size(channelStep)
    case .maxPool, .potentials:
      (kernelHeight, kernelWidth, strideWidth, groups, rowLength) = (0, 0, 1, 1, 0)
      (channelStep, rowStep, columnStep) = (0, 0, 0)
      rowsSize = Size(Int32(0))
    }
  }

  /// By input, the byte offset of the row that one tap of an input channel adds.
  func offset(input: Int, row: Int, column: Int) -> Int {
    input &* channelStep &+ row &* rowStep &+ place(column) &* columnStep
  }

  /// The number of rows: every tap of every input channel.
  var rowCount: Int {
    kind == .channelwise ? 1 : inputs &* kernelHeight &* kernelWidth
  }

  /// By input, the bytes of a row.
  var rowBytes: Int { Weights.rowBytes(rowLength, bits: bits) }

  /// Where a kernel column lies among the columns of its row.
  @inline(__always)
  func place(_ column: Int) -> Int {
    if kind != .convolution { return column }
    return strideWidth == 1 ? kernelWidth &- 1 &- column : stridedPlace(column)
  }

  /// The columns of smaller phases come first, `whole` of each or one more; then those after this one.
  @inline(never)
  private func stridedPlace(_ column: Int) -> Int {
    let turn = quotient(column, strideWidth)
    let phase = column &- turn &* strideWidth
    let whole = quotient(kernelWidth, strideWidth)
    let rest = kernelWidth &- whole &* strideWidth
    let own = whole &+ (phase < rest ? 1 : 0)
    return phase &* whole &+ min(phase, rest) &+ own &- 1 &- turn
  }
}

/// The quotient of a number that is not negative; a function of its own, so that no processor divides
/// where the stride is 1.
@inline(never)
func quotient(_ a: Int, _ b: Int) -> Int { b == 2 ? a &>> 1 : a / b }

extension RecordSource where Self: ~Escapable {
  /// The layout of a connection's weights.
  package func weightLayout(_ connection: ConnectionRecord, of layer: LayerRecord) -> WeightLayout {
    WeightLayout(
      connection, inputs: map(Int(connection.source)).channels, outputs: Int(layer.channels),
      outputWidth: Int(layer.width))
  }
}
