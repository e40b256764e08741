import SpikeletRuntime

/// Compares the engine on this machine with golden vectors: every layer at every timestep.
struct Verification {
  let arguments: Arguments

  private var vectorsName: FileName { FileName(arguments.input.path, member: "integer.txt") }
  private var inputsName: FileName { FileName(arguments.input.path, member: "inputs.idx3-ubyte") }

  private struct Sizes {
    var timesteps: Int32
    var layers: Int
    var classes: Int
    var images: Int
  }

  /// Whether everything is as the vectors say. Prints PASS, or FAIL and the first divergence.
  func run() throws(BoardError) -> Bool {
    let file = try MappedFile(arguments.model)
    let text = try MappedFile(vectorsName)
    let model: Model
    do {
      model = try Model(file.bytes)
    } catch {
      throw BoardError.refused(arguments.model, error)
    }
    var arena = try Memory(byteCount: model.arenaBytes)
    var pictures = try PictureFile(inputsName, for: model)
    var reader = VectorReader(text.pixels, name: vectorsName)
    let sizes = try header(&reader, model)
    guard sizes.images == Int(pictures.count) else {
      throw BoardError.unsuitable(
        inputsName, count: pictures.count, of: "pictures", needed: UInt32(sizes.images))
    }
    for image in 0..<UInt32(sizes.images) {
      try pictures.advance()
      guard
        try compare(
          image, sizes, pictures.current, model, arena.mutableBytes, &reader, file.pixels)
      else { return false }
    }
    try reader.finish()
    Output.standard.put(arguments.input).put(": PASS: ").put(sizes.images).put(" pictures × ")
      .put(sizes.timesteps).put(" timesteps × ").put(sizes.layers).put(" layers\n")
    return true
  }

  private func header(
    _ reader: inout VectorReader, _ model: Model
  ) throws(BoardError) -> Sizes {
    try reader.keyword("spikelet-vectors", "is not a file of golden vectors")
    try reader.keyword("1", "is not of format 1")
    try reader.endLine()
    try reader.keyword("model", "needed \"model\" and 1 values")
    try reader.skip("needed \"model\" and 1 values")
    try reader.endLine()
    try reader.keyword("inputs", "needed \"inputs\" and 1 values")
    try reader.skip("needed \"inputs\" and 1 values")
    try reader.endLine()
    try reader.keyword("timesteps", "needed \"timesteps\" and a number")
    let timesteps = try reader.count("needed \"timesteps\" and a number")
    try reader.keyword("layers", "needed \"layers\" and a number")
    let layers = try reader.count("needed \"layers\" and a number")
    try reader.keyword("classes", "needed \"classes\" and a number")
    let classes = try reader.count("needed \"classes\" and a number")
    try reader.keyword("images", "needed \"images\" and a number")
    let images = try reader.count("needed \"images\" and a number")
    try reader.endLine()
    try check(layers, "layers", model.layerCount)
    try check(classes, "classes", model.classCount)
    for _ in 0..<layers {
      try reader.keyword("layer", "needed \"layer\" and 4 values")
      for _ in 0..<4 { try reader.skip("needed \"layer\" and 4 values") }
      try reader.endLine()
    }
    return Sizes(
      timesteps: Int32(truncatingIfNeeded: timesteps), layers: layers, classes: classes,
      images: images)
  }

  private func check(_ count: Int, _ what: StaticString, _ needed: Int) throws(BoardError) {
    guard count == needed else {
      throw BoardError.unsuitable(
        vectorsName, count: UInt32(truncatingIfNeeded: count), of: what,
        needed: UInt32(truncatingIfNeeded: needed))
    }
  }

  /// Runs one picture and compares it with its lines.
  private func compare(
    _ image: UInt32, _ sizes: Sizes, _ pixels: Span<UInt8>, _ model: Model,
    _ arena: consuming MutableRawSpan, _ reader: inout VectorReader, _ file: Span<UInt8>
  ) throws(BoardError) -> Bool {
    try reader.keyword("image", "needed \"image\" and a number")
    guard try reader.number("needed \"image\" and a number") == Int32(bitPattern: image) else {
      throw reader.error("needed the next image")
    }
    try reader.keyword("prediction", "needed \"prediction\" and a number")
    let prediction = try reader.number("needed \"prediction\" and a number")
    try reader.keyword("exit", "needed \"exit\" and a number")
    let exit = try reader.number("needed \"exit\" and a number")
    try reader.endLine()
    var engine: Engine
    do {
      engine = try Engine(model: model, arena: arena)
    } catch {
      throw BoardError.refused(arguments.model, error)
    }
    for timestep in 1...sizes.timesteps {
      try reader.keyword("step", "needed \"step\" and the timestep")
      guard try reader.number("needed \"step\" and the timestep") == timestep else {
        throw reader.error("needed the next timestep")
      }
      do {
        try engine.beginTimestep(input: pixels, image: image)
      } catch {
        throw BoardError.refused(arguments.model, error)
      }
      for layer in 0..<sizes.layers {
        engine.runLayer(layer, input: pixels)
        let expected = try reader.digest()
        let actual = engine.digest(layer: layer)
        if actual != expected {
          fail().put("first divergence: image ").put(image).put(", timestep ").put(timestep)
            .put(", layer ").put(layer).put(" (")
            .put(file.extracting(model.nameRange(model.layer(layer)))).put("): digest ")
            .put(digest: actual).put(", expected ").put(digest: expected).put("\n")
          return false
        }
      }
      try reader.endLine()
    }
    return try compareReadOut(&engine, image, sizes, pixels, &reader, class: prediction, at: exit)
  }

  /// Compares the scores after the last timestep, then runs the picture again with the model's own
  /// exit policy and compares class and timestep.
  private func compareReadOut(
    _ engine: inout Engine, _ image: UInt32, _ sizes: Sizes, _ pixels: Span<UInt8>,
    _ reader: inout VectorReader, class prediction: Int32, at exit: Int32
  ) throws(BoardError) -> Bool {
    try reader.keyword("scores", "needed \"scores\" and a number for each class")
    for index in 0..<sizes.classes {
      let expected = try reader.number("needed \"scores\" and a number for each class")
      let actual = engine.score(index)
      guard actual == expected else {
        fail().put("image ").put(image).put(": score ").put(actual).put(" of class ").put(index)
          .put(", expected ").put(expected).put("\n")
        return false
      }
    }
    try reader.endLine()
    let result: Engine.Result
    do {
      result = try engine.run(input: pixels, image: image, timesteps: sizes.timesteps)
    } catch {
      throw BoardError.refused(arguments.model, error)
    }
    guard result.prediction == prediction, result.timesteps == exit else {
      fail().put("image ").put(image).put(": class ").put(result.prediction)
        .put(" at timestep ").put(result.timesteps).put(", expected class ").put(prediction)
        .put(" at timestep ").put(exit).put("\n")
      return false
    }
    return true
  }

  private func fail() -> Output {
    Output.standard.put(arguments.input).put(": FAIL\n")
  }
}
