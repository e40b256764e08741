/// Reads groups and datasets, and keeps count of what a file asks for.
struct ObjectReader {
  let file: FileBytes
  private var objects = 0
  /// The unpacked bytes of all datasets so far, and those of all strings.
  var bytes = 0
  var text = 0
  /// The groups that lead to the one being read: none may contain itself.
  private var open: Set<Int> = []
  /// The objects of the collections of the global heap that were read.
  var collections: [Int: [Int: Range<Int>]] = [:]

  init(file: FileBytes) { self.file = file }

  /// The object whose header is at an address.
  mutating func item(at address: Int, path: String, depth: Int) throws(HDF5Error) -> HDF5Item {
    let name = path.isEmpty ? "/" : path
    objects += 1
    guard objects <= HDF5Limits.objects else {
      throw HDF5Error(path: name, "the file has more than \(HDF5Limits.objects) objects")
    }
    guard depth <= HDF5Limits.depth else {
      throw HDF5Error(path: name, "groups lie more than \(HDF5Limits.depth) deep in each other")
    }
    guard open.insert(address).inserted else {
      throw HDF5Error(path: name, "a group that contains itself", offset: address)
    }
    defer { open.remove(address) }
    do throws(HDF5Error) {
      let header = try ObjectHeader(file, at: address)
      if header.first(ObjectHeader.Kind.layout) != nil {
        return .dataset(dataset(header, path: name))
      }
      var members: [String: HDF5Item] = [:]
      for link in try links(of: header) {
        let child = path + "/" + link.name
        guard members[link.name] == nil else {
          throw HDF5Error(path: child, "is in its group twice")
        }
        switch link.target {
        case .object(let place):
          members[link.name] = try item(at: place, path: child, depth: depth + 1)
        case .elsewhere(let what): members[link.name] = .link(what)
        }
      }
      return .group(members)
    } catch {
      throw error.named(name)
    }
  }

  private mutating func dataset(
    _ header: ObjectHeader, path: String
  ) -> Result<HDF5Array, HDF5Error> {
    do throws(HDF5Error) {
      return .success(try array(header))
    } catch {
      return .failure(error.named(path))
    }
  }
}

extension HDF5Error {
  /// The same error of an object, unless it already names one.
  func named(_ path: String) -> HDF5Error {
    guard self.path.isEmpty else { return self }
    var result = self
    result.path = path
    return result
  }
}
