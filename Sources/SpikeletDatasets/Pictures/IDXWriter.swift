/// Writes IDX files, the format of MNIST.
package enum IDXWriter {
  /// The pictures of a data set: magic 0x803, count, rows, columns, pixels.
  ///
  /// Of recordings of events: magic, count, frames, bytes of a frame, frames.
  ///
  /// Several channels lie one below the other: a picture of 3 × 32 × 32 has 96 rows.
  package static func images(_ dataset: Dataset) throws(DatasetError) -> [UInt8] {
    var bytes: [UInt8] = []
    var extents = [dataset.channels * dataset.height, dataset.width]
    if let frames = dataset.frameCount {
      let size = dataset.count > 0 ? try dataset.image(0).count : 0
      extents = [frames, size / max(1, frames)]
    }
    for value in [0x803, dataset.count] + extents {
      for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
    return bytes + (try dataset.allImages())
  }
}
