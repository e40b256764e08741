import Foundation
import SpikeletDatasets
import Testing

/// Own pictures that cannot be used: each is refused with what is wrong and what to do.
@Suite struct BadDataTests {
  private let files: OwnFiles
  private let shape = PictureShape(channels: 1, height: 3, width: 4)

  init() throws { files = try OwnFiles() }

  private func refusal(
    _ path: String, classes: Int? = 3, _ change: (inout DataRequest) -> Void = { _ in }
  ) -> String {
    var request = DataRequest(
      path: files.path(path), split: .all, needed: shape, classCount: classes)
    change(&request)
    do {
      let set = try OwnData.load(request)
      _ = try set.allImages()
      return "accepted"
    } catch {
      return "\(error)"
    }
  }

  private func expect(
    _ path: String, classes: Int? = 3, _ parts: String...,
    change: (inout DataRequest) -> Void = { _ in }
  ) {
    let text = refusal(path, classes: classes, change)
    for part in parts { #expect(text.contains(part), "\(text)") }
  }

  private func png(_ name: String, width: Int = 4, height: Int = 3) throws {
    let pixels = OwnFiles.pixels(width * height, seed: name.count)
    try files.write(name, Encode.gray(pixels, width: width))
  }

  // MARK: Folders

  @Test func foldersThatAreNoClasses() throws {
    try files.folder("empty")
    expect("empty", "empty: is empty; put one folder of pictures for each class into it")
    try files.folder("hollow/a")
    expect("hollow", "has folders, but no pictures in any of them")
    try png("one/ant/1.png")
    expect("one", classes: 1, "has one class, \"ant\", needed two or more")
    try png("two/ant/1.png")
    try files.folder("two/bee")
    expect("two", classes: 2, "two/bee: has no pictures")
    try png("flat/1.png")
    expect("flat", "has pictures without labels; name the file of the labels with --labels")
    try png("part/train/a/1.png")
    try png("part/train/b/1.png")
    expect("part", classes: 2, "has train/, but no folder test/") { $0.split = .test }
    expect("nowhere", "nowhere: cannot be read: there is no such file or folder")
  }

  @Test func picturesOfTwoSizesAreAllNamed() throws {
    try png("own/ant/1.png")
    try png("own/ant/2.png", width: 5)
    try png("own/bee/1.png", width: 8, height: 8)
    try files.write(
      "own/bee/2.png",
      Encode.png(width: 4, height: 3, bits: 16, colour: 0, lines: [UInt8](repeating: 0, count: 27)))
    try files.write("own/bee/3.jpg", [0xFF, 0xD8, 0xFF, 0xE0])
    expect(
      "own", classes: 2, "own: cannot be used (4 problems)\n",
      "ant/2.png: has pictures of 1×3×5, needed 1×3×4",
      "mogrify -resize '4x3!' -format png <files>", "bee/1.png: has pictures of 1×8×8",
      "bee/2.png: has 16 bits a channel", "bee/3.jpg: is a picture of the format JPEG")
  }

  @Test func aWrongSizeOfAllIsOneMessage() throws {
    try png("own/ant/1.png", width: 5)
    try png("own/bee/1.png", width: 5)
    let text = refusal("own", classes: 2)
    #expect(text.contains("own: has pictures of 1×3×5, needed 1×3×4 (channels x height x width)"))
    #expect(!text.contains("\n"))
    expect(
      "own", classes: 2, "mogrify -define png:color-type=2 -format png <files>",
      change: { $0.needed = PictureShape(channels: 3, height: 3, width: 5) })
  }

  @Test func classesThatTheNetworkDoesNotHave() throws {
    for name in ["ant", "bee", "cow"] { try png("own/\(name)/1.png") }
    expect("own", classes: 4, "has 3 classes, the network 4; list the network's classes")
    expect("own", "own/cow: is no class of the network: ant, bee, cat") {
      $0.classNames = ["ant", "bee", "cat"]
    }
    try files.write("own/classes.txt", "ant\nbee\n\nant\n")
    expect("own", "classes.txt: is no list of classes")
    try files.write("own/classes.txt", "ant\nbee\nfly\n")
    expect("own", "own/cow: is no class of the list: ant, bee, fly")
  }

  // MARK: Arrays

  @Test func arraysThatSayTooLittle() throws {
    let floats = [UInt8](repeating: 0, count: 2 * 12 * 4)
    try files.write("f.npy", Encode.npy("<f4", [2, 3, 4], floats))
    expect(
      "f.npy",
      "f.npy: holds 32-bit floats, and nothing says what of them is a pixel; "
        + "give --data-scale 255 where white is 1, or --data-scale 1 where it is 255")
    try files.write("s.npy", Encode.npy("|u1", [1, 3, 3, 3], [UInt8](repeating: 0, count: 27)))
    expect("s.npy", "of which the channels may be the first or the last; say with --layout") {
      $0.needed = PictureShape(channels: 3, height: 3, width: 3)
    }
    try files.write("flat.raw", [UInt8](repeating: 0, count: 24))
    expect("flat.raw", "for raw bytes, give --shape 1x3x4")
    expect("flat.raw", "24 bytes are not one or more whole records of 7 bytes") {
      $0.options.shape = PictureShape(channels: 1, height: 1, width: 7)
    }
    try files.write("w.npy", Encode.npy("|u1", [1, 5, 5], [UInt8](repeating: 0, count: 25)))
    expect("w.npy", "has pictures of 1×5×5, needed 1×3×4", ".resize((4, 3))")
  }

  @Test func labelsThatDoNotMatch() throws {
    try files.write("x.npy", Encode.npy("|u1", [2, 3, 4], [UInt8](repeating: 0, count: 24)))
    expect("x.npy", "x.npy: has pictures without labels")
    try files.write("y.npy", Encode.npy("|u1", [3], [0, 1, 2]))
    expect("x.npy", "2 images, but 3 labels")
    try files.write("y.npy", Encode.npy("|u1", [2], [0, 3]))
    expect("x.npy", "label 3 of image 1 is out of range, needed 0 to 2")
    try files.write("y.npy", Encode.npy("|u1", [2, 3], [0, 1, 0, 1, 0, 0]))
    expect("x.npy", "y.npy: has the extents (2, 3), needed one label a picture")
    try files.write("y.npy", Encode.npy("|i1", [2], [0, 255]))
    expect("x.npy", "label 1 is -1")
    try files.write("names.txt", "ant\nfly\n")
    expect("x.npy", "line 2 is \"fly\", needed a number of 0 to 65535 or the name of a class") {
      $0.classNames = ["ant", "bee", "cat"]
      $0.options.labels = files.path("names.txt")
    }
    // Labels where pictures are needed.
    expect("y.npy", "has the extents (2), needed 3 or 4")
  }

  @Test func valuesThatAreNoPixels() throws {
    try files.write("y.npy", Encode.npy("|u1", [1], [0]))
    let values = (0..<12).flatMap { Encode.little($0 == 5 ? 256 : 1, 2) }
    try files.write("x.npy", Encode.npy("<i2", [1, 3, 4], values))
    expect("x.npy", "x.npy: picture 0: value 5 is 256, needed 0 to 255; say with --data-scale")
    let floats = [Float](repeating: .nan, count: 12).flatMap {
      Encode.little(Int($0.bitPattern), 4)
    }
    try files.write("x.npy", Encode.npy("<f4", [1, 3, 4], floats))
    expect("x.npy", "value 0 is nan times the scale 255, needed 0 to 255") {
      $0.options.scale = 255
    }
  }

  @Test func filesThatAreSomethingElse() throws {
    let cases: [(String, [UInt8], String)] = [
      (
        "lfs.npy", Array("version https://git-lfs.github.com/spec/v1\noid sha256:1\n".utf8),
        "lfs.npy: is a Git LFS pointer, not the data itself; fetch the data with: git lfs pull"
      ),
      ("a.h5", [0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10], "is an HDF5 file (.h5), not pictures"),
      ("a.pkl", [0x80, 4, 0x95], "is a Python pickle, not pictures; save its arrays"),
      ("a.spk", Array("SPKL....".utf8), "is a Spikelet model, not pictures"),
      ("a.npz", Encode.zip([("data.pkl", [1])]), "is an archive without an array of pictures"),
      ("o.npy", Encode.npy("|O", [2], [1, 2]), "an array of objects holds arrays of different"),
      ("u.npy", Encode.npy("<U8", [2], [1, 2]), "holds values of the type \"<U8\""),
      ("none.npy", [], "none.npy: is empty"),
      ("notes.txt", Array("hello\n".utf8), "has 1 columns, needed 12 for pixels"),
    ]
    for (name, bytes, text) in cases {
      try files.write(name, bytes)
      expect(name, text)
    }
    let fortran = String(decoding: Encode.npy("|u1", [1, 3, 4], []), as: UTF8.self)
    #expect(fortran.contains("False"))
    var bytes = Encode.npy("|u1", [1, 3, 4], [UInt8](repeating: 0, count: 12))
    let place = bytes.indices.first { bytes[$0...].starts(with: Array("False".utf8)) } ?? 0
    bytes.replaceSubrange(place..<place + 5, with: Array("True ".utf8))
    try files.write("fortran.npy", bytes)
    expect("fortran.npy", "lies in Fortran's order; save it with numpy.save(file, numpy.asc")
  }

  // MARK: Hostile files

  @Test func sizesThatNoFileHasTakeNoMemory() throws {
    let giant = Encode.npy("|u1", [1 << 40, 1 << 20, 1 << 10], [1, 2, 3])
    try files.write("giant.npy", giant)
    expect("giant.npy", "its header gives the extents (1099511627776, 1048576, 1024)")
    try files.write("large.npy", Encode.npy("|u1", [1 << 20, 1 << 12, 1 << 4], [1, 2, 3]))
    expect("large.npy", "truncated: ")
    try files.write("zero.npy", Encode.npy("|u1", [0, 3, 4], []))
    expect("zero.npy", "its header gives the extents (0, 3, 4), needed 1 or more each")
    try files.write(
      "long.npy", [0x93] + Array("NUMPY".utf8) + [2, 0, 255, 255, 255, 127] + [0, 0])
    expect("long.npy", "has a header of 2147483647 bytes")
    try files.write("idx", Encode.idx(8, [0x7FFF_FFFF, 0x7FFF_FFFF, 0x7FFF_FFFF], [1]))
    expect("idx", "its header gives the extents (2147483647")
    try files.write("idx", Encode.idx(8, [10, 3, 4], [UInt8](repeating: 0, count: 119)))
    expect("idx", "truncated: 135 bytes, its header needs exactly 136")
  }

  @Test func archivesThatGrow() throws {
    let small = Encode.npy("|u1", [1, 3, 4], [UInt8](repeating: 0, count: 12))
    try files.write(
      "bomb.npz", Encode.zip([("x.npy", small)], isDeflated: true, claimed: 0x7FFF_FFFF))
    expect("bomb.npz", "x.npy would unpack to 2147483647 bytes, needed at most 1073741824")
    // It unpacks to more than it says.
    try files.write("liar.npz", Encode.zip([("x.npy", small)], isDeflated: true, claimed: 100))
    expect("liar.npz", "decompresses to more than the limit of 100 bytes")
    let whole = Encode.zip([("x.npy", small), ("y.npy", Encode.npy("|u1", [1], [0]))])
    for length in stride(from: 1, to: whole.count, by: 7) {
      try files.write("cut.npz", Array(whole[..<length]))
      #expect(refusal("cut.npz") != "accepted", "\(length)")
    }
    // Any changed byte: refused or read, never a crash.
    for byte in whole.indices {
      var changed = whole
      changed[byte] ^= 0x55
      try files.write("changed.npz", changed)
      _ = refusal("changed.npz")
    }
  }

  @Test func tablesWithMistakes() throws {
    let good = "1," + [String](repeating: "7", count: 12).joined(separator: ",") + "\n"
    let cases = [
      (good + "1,2,3\n", "line 2: has 3 columns, the first line 13; complete the line"),
      (good + good.replacing("7", with: "300"), "line 2: column 2 is \"300\", needed 0 to 255"),
      (
        good + good.replacing("7", with: "x"), "line 2: column 2 is \"x\", needed 0 to 255; a pixel"
      ),
      (
        good + "-1" + good.dropFirst(), "line 2: the label is \"-1\", needed a number of 0 to 65535"
      ),
      (good + "9" + good.dropFirst(), "label 9 of image 1 is out of range, needed 0 to 2"),
      ("a,b,c\n1,2,3\n", "line 1: has 3 columns, needed 12 for pixels"),
    ]
    for (text, message) in cases {
      try files.write("own.csv", text)
      expect("own.csv", message)
    }
    expect("own.csv", "has no column \"kind\"") { $0.options.labelColumn = .named("kind") }
  }
}
