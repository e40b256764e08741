/// The IDX format of MNIST and its relatives, as plain bytes.
///
/// All header words are big-endian. Images: magic 0x00000803, count, height, width, then
/// count × height × width bytes, row by row. Labels: magic 0x00000801, count, then count bytes.
package enum IDX {
  /// The pictures of one IDX file: `count` × `height` × `width` bytes, row by row.
  package struct Images: Equatable, Sendable {
    package let count: Int
    package let height: Int
    package let width: Int
    /// Image-major; 0 is background, 255 full ink.
    package let pixels: [UInt8]

    package init(count: Int, height: Int, width: Int, pixels: [UInt8]) {
      self.count = count
      self.height = height
      self.width = width
      self.pixels = pixels
    }
  }

  /// The largest number of images or labels in a file.
  package static let maximumCount = 10_000_000
  /// The largest height or width.
  package static let maximumSide = 4096

  private static let imagesMagic: UInt32 = 0x803
  private static let labelsMagic: UInt32 = 0x801

  /// Reads images from the bytes of an IDX file, plain or gzip.
  ///
  /// Throws `magic`, `header`, `dimension` or `length`, and what `Gzip` throws.
  package static func images(_ data: [UInt8]) throws(DatasetError) -> Images {
    let store = ByteStore.memory(try unpacked(data), path: "")
    let (count, height, width) = try imagesHeader(store)
    return Images(
      count: count, height: height, width: width,
      pixels: Array(try store.bytes(16..<store.count)))
  }

  /// Reads the header of a file of images, which must be as long as it says.
  ///
  /// Throws `magic`, `header`, `dimension` or `length`.
  static func imagesHeader(
    _ store: ByteStore
  ) throws(DatasetError) -> (count: Int, height: Int, width: Int) {
    let data = try store.prefix(16)
    try checkHeader(data, magic: imagesMagic, size: 16, what: "IDX images")
    let count = try dimension(data, at: 4, name: "number of images", limit: maximumCount)
    let height = try dimension(data, at: 8, name: "height", limit: maximumSide)
    let width = try dimension(data, at: 12, name: "width", limit: maximumSide)
    let needed = 16 + count * height * width
    guard store.count == needed else {
      throw DatasetError(.length(needed: needed, given: store.count))
    }
    return (count, height, width)
  }

  /// Reads labels from the bytes of an IDX file, plain or gzip.
  ///
  /// Throws `magic`, `header`, `dimension` or `length`, and what `Gzip` throws. The values are not
  /// checked: the file does not say how many classes there are.
  package static func labels(_ data: [UInt8]) throws(DatasetError) -> [UInt8] {
    let data = try unpacked(data)
    try checkHeader(data, magic: labelsMagic, size: 8, what: "IDX labels")
    let count = try dimension(data, at: 4, name: "number of labels", limit: maximumCount)
    return try payload(data, from: 8, count: count)
  }

  private static func unpacked(_ data: [UInt8]) throws(DatasetError) -> [UInt8] {
    Gzip.isGzip(data) ? try Gzip.decompress(data) : data
  }

  /// Checks the magic number first, so that a file of another kind is named as such.
  private static func checkHeader(
    _ data: [UInt8], magic: UInt32, size: Int, what: String
  ) throws(DatasetError) {
    if data.count >= 4 {
      let given = word(data, at: 0)
      guard given == magic else {
        throw DatasetError(.magic(needed: magic, given: given, what: what))
      }
    }
    guard data.count >= size else {
      throw DatasetError(.header(needed: size, given: data.count))
    }
  }

  private static func dimension(
    _ data: [UInt8], at offset: Int, name: String, limit: Int
  ) throws(DatasetError) -> Int {
    let given = word(data, at: offset)
    guard given >= 1, given <= limit else {
      throw DatasetError(.dimension(name: name, given: given, limit: limit))
    }
    return Int(given)
  }

  private static func payload(
    _ data: [UInt8], from start: Int, count: Int
  ) throws(DatasetError) -> [UInt8] {
    guard data.count == start + count else {
      throw DatasetError(.length(needed: start + count, given: data.count))
    }
    return [UInt8](data[start...])
  }

  private static func word(_ data: [UInt8], at offset: Int) -> UInt32 {
    data[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }
}
