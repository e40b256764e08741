/// The binary versions of CIFAR-10 and CIFAR-100: records of labels and 3072 pixel bytes.
///
/// A record of CIFAR-10 begins with its label, one of CIFAR-100 with a coarse label and the fine
/// one, which counts. The pixels are three planes, red, green and blue, of 32 × 32 bytes row by
/// row: the channel-major order that networks here take.
package enum CIFAR {
  /// The shape of every picture.
  package static let shape = PictureShape(channels: 3, height: 32, width: 32)

  /// The pictures of one batch file, and their labels.
  package struct Batch: Sendable {
    package let pictures: any PictureSource
    /// Below `classCount`.
    package let labels: [UInt16]
  }

  /// Opens one batch file.
  ///
  /// - Parameters:
  ///   - labelBytes: bytes before the pixels, of which the last is the label: 1 or 2.
  ///   - classCount: labels are below it.
  /// Throws `records` unless there are one or more whole records, and `label` for a label that is
  /// too large.
  package static func batch(
    _ store: ByteStore, labelBytes: Int, classCount: Int
  ) throws(DatasetError) -> Batch {
    let size = labelBytes + shape.byteCount
    guard store.count > 0, store.count.isMultiple(of: size) else {
      throw DatasetError(.records(size: size, given: store.count), file: store.path)
    }
    let count = store.count / size
    var labels: [UInt16] = []
    labels.reserveCapacity(count)
    // A thousand records a piece: 3 MB.
    for first in stride(from: 0, to: count, by: 1000) {
      let part = min(1000, count - first)
      let bytes = try store.bytes(first * size..<(first + part) * size)
      for index in 0..<part {
        let label = Int(bytes[bytes.startIndex + index * size + labelBytes - 1])
        guard label < classCount else {
          throw DatasetError(
            .label(index: first + index, given: label, limit: classCount - 1), file: store.path)
        }
        labels.append(UInt16(label))
      }
    }
    let pictures = RecordPictures(
      store: store, start: labelBytes, stride: size, count: count, elements: .init(.byte),
      shape: shape, order: .planes)
    return Batch(pictures: pictures, labels: labels)
  }
}
