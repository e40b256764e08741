import SpikeletSupport

/// A name in a group, and what it leads to.
struct Link {
  enum Target {
    /// The address of an object header.
    case object(Int)
    /// A soft or an external link.
    case elsewhere(String)
  }

  var name: String
  var target: Target
}

extension ObjectReader {
  /// The links of a group of either kind.
  func links(of header: ObjectHeader) throws(HDF5Error) -> [Link] {
    if header.first(ObjectHeader.Kind.symbolTable) != nil {
      var body = try header.body(ObjectHeader.Kind.symbolTable, "symbol table")
      let tree = try body.place("the tree of a group")
      return try oldLinks(tree: tree, heap: try body.place("the heap of a group"))
    }
    var links: [Link] = []
    for message in header.messages where message.type == ObjectHeader.Kind.link {
      var body = message.body
      links.append(try Self.link(&body))
    }
    if header.first(ObjectHeader.Kind.linkInfo) != nil {
      var body = try header.body(ObjectHeader.Kind.linkInfo, "information on its links")
      _ = try body.version("information on links", [0])
      let flags = try body.int(1)
      if flags & 1 != 0 { try body.skip(8) }
      if let heap = try body.address() {
        let tree = try body.place("the index of a group")
        links += try denseLinks(heap: heap, tree: tree)
      }
    } else if links.isEmpty {
      throw HDF5Error("is neither a group nor a dataset")
    }
    return links
  }

  /// A link message, or the same in a heap.
  static func link(_ body: inout ByteCursor) throws(HDF5Error) -> Link {
    _ = try body.version("a link", [1])
    let flags = try body.int(1)
    let type = flags & 8 != 0 ? try body.int(1) : 0
    try body.skip((flags & 4 != 0 ? 8 : 0) + (flags & 16 != 0 ? 1 : 0))
    let count = try body.size(1 << (flags & 3))
    let name = String(decoding: try body.bytes(count), as: UTF8.self)
    guard type == 0 else {
      return Link(name: name, target: .elsewhere(type == 1 ? "a soft link" : "an external link"))
    }
    return Link(name: name, target: .object(try body.place("what a link leads to")))
  }

  /// The entries of the nodes of an old group's tree.
  private func oldLinks(tree: Int, heap: Int) throws(HDF5Error) -> [Link] {
    var cursor = try file.cursor(at: heap)
    try cursor.signature("HEAP")
    _ = try cursor.version("a local heap", [0])
    try cursor.skip(3)
    let size = try cursor.length()
    _ = try cursor.length()
    let names = try file.cursor(at: try cursor.place("the names of a group"), count: size)
    var links: [Link] = []
    for node in try TreeWalk(file, root: tree, kind: 0).leaves({ (cursor) throws(HDF5Error) in
      try cursor.skip(file.lengthWidth)
    }) {
      var cursor = try file.cursor(at: node.child)
      try cursor.signature("SNOD")
      _ = try cursor.version("a node of symbols", [1])
      try cursor.skip(1)
      for _ in 0..<(try cursor.int(2)) {
        let offset = try cursor.size(file.addressWidth)
        let object = try cursor.address()
        let kind = try cursor.int(4)
        try cursor.skip(20)
        let name = try Self.name(names, offset)
        if kind == 2 {
          links.append(Link(name: name, target: .elsewhere("a soft link")))
        } else if let object {
          links.append(Link(name: name, target: .object(object)))
        } else {
          throw HDF5Error(path: "", "the object '\(name.printableName)' lies nowhere")
        }
        guard links.count <= HDF5Limits.objects else {
          throw HDF5Error("a group of more than \(HDF5Limits.objects) objects")
        }
      }
    }
    return links
  }

  /// A name in a local heap, which a zero ends.
  private static func name(_ names: ByteCursor, _ offset: Int) throws(HDF5Error) -> String {
    guard offset < names.remaining else {
      throw HDF5Error("a name lies outside of its heap", offset: names.position)
    }
    let text = names.file.all[names.position + offset..<names.end]
    guard let end = text.firstIndex(of: 0), end - text.startIndex <= 4096 else {
      throw HDF5Error("a name without an end", offset: names.position + offset)
    }
    return String(decoding: text[..<end], as: UTF8.self)
  }
}
