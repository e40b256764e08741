/// The binary version of CIFAR-10: records of one label byte and 3072 pixel bytes.
///
/// The pixels of a record are three planes, red, green and blue, of 32 × 32 bytes row by row: the
/// channel-major order that networks here take.
package enum CIFAR10 {
  /// Bytes of one picture.
  package static let pictureSize = 3 * 32 * 32
  /// Bytes of one record.
  package static let recordSize = 1 + pictureSize
  /// Labels are 0 … 9.
  package static let classCount = 10

  /// The pictures and labels of one batch file, in its order.
  package struct Batch: Equatable, Sendable {
    /// Image-major, each picture 3 × 32 × 32.
    package let pixels: [UInt8]
    package let labels: [UInt8]
  }

  /// Reads the bytes of one batch file, plain or gzip.
  ///
  /// Throws `records` unless there are one or more whole records, `label` for a label above 9, and
  /// what `Gzip` throws.
  package static func batch(_ data: [UInt8]) throws(DatasetError) -> Batch {
    let data = Gzip.isGzip(data) ? try Gzip.decompress(data) : data
    guard !data.isEmpty, data.count.isMultiple(of: recordSize) else {
      throw DatasetError(.records(size: recordSize, given: data.count))
    }
    let count = data.count / recordSize
    var pixels: [UInt8] = []
    pixels.reserveCapacity(count * pictureSize)
    var labels: [UInt8] = []
    labels.reserveCapacity(count)
    for index in 0..<count {
      let start = index * recordSize
      let label = data[start]
      guard label < classCount else {
        throw DatasetError(.label(index: index, given: label, limit: UInt8(classCount - 1)))
      }
      labels.append(label)
      pixels.append(contentsOf: data[start + 1..<start + recordSize])
    }
    return Batch(pixels: pixels, labels: labels)
  }
}
