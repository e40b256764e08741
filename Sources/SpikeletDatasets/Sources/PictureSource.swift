/// Where the pictures of a data set come from: read when they are asked for, in any order, by any
/// thread, so that a data set may be larger than the memory.
package protocol PictureSource: Sendable {
  /// The number of pictures.
  var count: Int { get }

  /// The frames of each recording, where they are recordings of events; nil for pictures.
  var frameCount: Int? { get }

  /// Picture `index`, 0 ..< `count`, in the order channel, row, column.
  ///
  /// Throws what is wrong with the picture, with its file.
  func picture(_ index: Int) throws(DatasetError) -> ArraySlice<UInt8>
}

extension PictureSource {
  /// Pictures have no frames.
  package var frameCount: Int? { nil }
}

/// Pictures in memory, one after the other.
struct MemoryPictures: PictureSource {
  let bytes: [UInt8]
  /// Bytes of a picture, 1 or more.
  let size: Int

  var count: Int { bytes.count / size }

  func picture(_ index: Int) -> ArraySlice<UInt8> { bytes[index * size..<(index + 1) * size] }
}

/// The pictures of several sources, one source after the other.
struct JoinedPictures: PictureSource {
  private let parts: [any PictureSource]
  /// The number of the first picture of each part, and of all pictures.
  private let starts: [Int]

  init(_ parts: [any PictureSource]) {
    self.parts = parts
    starts = parts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
  }

  var count: Int { starts[starts.count - 1] }

  func picture(_ index: Int) throws(DatasetError) -> ArraySlice<UInt8> {
    let part = starts.lastIndex { $0 <= index } ?? 0
    return try parts[part].picture(index - starts[part])
  }
}

/// Some of the pictures of a source.
struct ChosenPictures: PictureSource {
  let source: any PictureSource
  /// Their numbers in the source.
  let indices: [Int32]

  var count: Int { indices.count }
  var frameCount: Int? { source.frameCount }

  func picture(_ index: Int) throws(DatasetError) -> ArraySlice<UInt8> {
    try source.picture(Int(indices[index]))
  }
}

/// Pictures in records of one size, in a file or in memory.
struct RecordPictures: PictureSource {
  let store: ByteStore
  /// The first byte of the first picture.
  let start: Int
  /// Bytes from one picture to the next.
  let stride: Int
  let count: Int
  let elements: ArrayElements
  let shape: PictureShape
  let order: ChannelOrder

  func picture(_ index: Int) throws(DatasetError) -> ArraySlice<UInt8> {
    let first = start + index * stride
    let bytes = try store.bytes(first..<first + shape.byteCount * elements.type.size)
    do {
      return order.planes(try elements.pixels(bytes), shape)
    } catch {
      guard case .unusable(let reason, let remedy) = error.problem else { throw error }
      throw DatasetError(
        .unusable(reason: "picture \(index): \(reason)", remedy: remedy), file: store.path)
    }
  }
}
