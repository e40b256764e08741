/// Writes IDX files, the format of MNIST.
package enum IDXWriter {
  /// The pictures of a data set of one channel: magic 0x803, count, rows, columns, pixels.
  package static func images(_ dataset: Dataset) -> [UInt8] {
    var bytes: [UInt8] = []
    for value in [0x803, dataset.count, dataset.height, dataset.width] {
      for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
    return bytes + dataset.images
  }
}
