import SpikeletNetwork

extension Window {
  /// The smallest window of stride 1 by which a convolution makes one map's extents another's: the kernel
  /// takes what the source is larger by, padding what it is smaller by.
  init(from input: Shape, to output: Shape) {
    let (rows, columns) = (output.height - input.height, output.width - input.width)
    self.init(
      kernelHeight: max(0, -rows) + 1, kernelWidth: max(0, -columns) + 1,
      padding: .init(
        top: max(0, rows) / 2, left: max(0, columns) / 2, bottom: (max(0, rows) + 1) / 2,
        right: (max(0, columns) + 1) / 2))
  }
}
