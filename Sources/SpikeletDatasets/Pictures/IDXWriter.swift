/// Writes IDX files, the format of MNIST.
package enum IDXWriter {
  /// The pictures of a data set: magic 0x803, count, rows, columns, pixels.
  ///
  /// Several channels lie one below the other: a picture of 3 × 32 × 32 has 96 rows.
  package static func images(_ dataset: Dataset) throws(DatasetError) -> [UInt8] {
    var bytes: [UInt8] = []
    for value in [0x803, dataset.count, dataset.channels * dataset.height, dataset.width] {
      for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
    return bytes + (try dataset.allImages())
  }
}
