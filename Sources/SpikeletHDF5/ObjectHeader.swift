/// The messages that say what an object is.
struct ObjectHeader {
  struct Message {
    var type: Int
    var isShared: Bool
    var body: ByteCursor
  }

  /// What a message says, by its number in the format.
  enum Kind {
    static let dataspace = 0x01
    static let linkInfo = 0x02
    static let datatype = 0x03
    static let link = 0x06
    static let externalFiles = 0x07
    static let layout = 0x08
    static let filters = 0x0B
    static let continuation = 0x10
    static let symbolTable = 0x11
  }

  private(set) var messages: [Message] = []

  init(_ file: FileBytes, at address: Int) throws(HDF5Error) {
    var cursor = try file.cursor(at: address)
    var blocks: [(ByteCursor, headerBytes: Int)] = []
    let isNew = cursor.remaining >= 4 && file.all[cursor.position] == 0x4F
    var tracksOrder = false
    if isNew {
      try cursor.signature("OHDR")
      _ = try cursor.version("an object header", [2])
      let flags = try cursor.int(1)
      tracksOrder = flags & 4 != 0
      try cursor.skip((flags & 0x20 != 0 ? 16 : 0) + (flags & 0x10 != 0 ? 4 : 0))
      let size = try cursor.size(1 << (flags & 3))
      blocks.append((try Self.block(cursor, size), 0))
    } else {
      _ = try cursor.version("an object header", [1])
      try cursor.skip(7)
      let size = try cursor.int(4)
      try cursor.skip(4)
      blocks.append((try Self.block(cursor, size), 0))
    }
    var seen: Set<Int> = [address]
    var next = 0
    while next < blocks.count {
      var block = blocks[next].0
      next += 1
      while block.remaining >= (isNew ? (tracksOrder ? 6 : 4) : 8) {
        let message = try Self.message(&block, isNew: isNew, tracksOrder: tracksOrder)
        guard messages.count < HDF5Limits.messages else {
          throw HDF5Error("an object header of more than \(HDF5Limits.messages) messages")
        }
        guard message.type == Kind.continuation else {
          messages.append(message)
          continue
        }
        var body = message.body
        let place = try body.place("the rest of an object header")
        let length = try body.length()
        guard seen.insert(place).inserted else {
          throw HDF5Error("an object header that goes on in itself", offset: place)
        }
        var rest = try file.cursor(at: place, count: length)
        if isNew {
          try rest.signature("OCHK")
          // A checksum ends it.
          guard rest.remaining >= 4 else {
            throw HDF5Error("the rest of an object header is too short", offset: place)
          }
          rest = ByteCursor(file: file, position: rest.position, end: rest.end - 4)
        }
        blocks.append((rest, 0))
      }
    }
  }

  private static func block(_ cursor: ByteCursor, _ size: Int) throws(HDF5Error) -> ByteCursor {
    var cursor = cursor
    let start = cursor.position
    try cursor.skip(size)
    return ByteCursor(file: cursor.file, position: start, end: cursor.position)
  }

  private static func message(
    _ block: inout ByteCursor, isNew: Bool, tracksOrder: Bool
  ) throws(HDF5Error) -> Message {
    let type = try block.int(isNew ? 1 : 2)
    let size = try block.int(2)
    let flags = try block.int(1)
    try block.skip(isNew ? (tracksOrder ? 2 : 0) : 3)
    let body = try self.block(block, size)
    try block.skip(size)
    return Message(type: type, isShared: flags & 2 != 0, body: body)
  }

  /// The first message of a kind.
  func first(_ type: Int) -> Message? { messages.first { $0.type == type } }

  /// The body of a message that an object of this kind has to have.
  func body(_ type: Int, _ what: String) throws(HDF5Error) -> ByteCursor {
    guard let message = first(type) else { throw HDF5Error("has no \(what)") }
    guard !message.isShared else {
      throw HDF5Error(
        "shares its \(what) with others, which is not read",
        advice: "write it without a named type")
    }
    return message.body
  }
}
