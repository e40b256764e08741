#if !SPIKELET_WITHOUT_THREADS

  /// The current that a picture injects into some lines of a tile: biases, products of pixels, and the
  /// rounding, some lines a part.
  struct CurrentWork: TeamWork {
    /// The kernel of the connection, for all lines.
    enum Kernel {
      case scatter(Convolution, InputView, Weights)
      #if !SPIKELET_WITHOUT_PICTURE_BLOCKS
        case pictureBlocks(PictureBlocks, OwnScratch)
      #endif
      #if !SPIKELET_WITHOUT_GRAY_LINES
        case grayLines(GrayLines)
      #endif
    }

    let kernel: Kernel
    let current: DirectCurrent
    let picture: ReadRegion
    let zeroPoints: ReadRegion
    let weights: ReadRegion
    let biases: ReadRegion
    let width: Int
    let height: Int
    let sums: Membranes
    /// Where the current goes: nil where the sums are the current, or are rounded later.
    let target: Membranes?
    var parts = 1

    static var body: Team.Body {
      { work, part in unsafe work.assumingMemoryBound(to: CurrentWork.self).pointee.run(part) }
    }

    func run(_ part: Int) {
      let lines = Parts.range(part, of: parts, height)
      if lines.isEmpty { return }
      let start = lines.lowerBound &* width &* current.paddedChannels
      let sites = lines.count &* width
      let sums = sums.dropping(start)
      current.begin(sums, biases: biases, sites: sites)
      switch kernel {
      case .scatter(let convolution, let view, let weights):
        // Multiplications of pixels do not count.
        var operations = OperationCount()
        convolution.lines(lines).scatter(view, weights, to: sums, &operations)
      #if !SPIKELET_WITHOUT_PICTURE_BLOCKS
        case .pictureBlocks(let blocks, let scratch):
          blocks.lines(lines).add(
            picture, zeroPoints: zeroPoints, weights, scratch: scratch.region(part), to: sums)
      #endif
      #if !SPIKELET_WITHOUT_GRAY_LINES
        case .grayLines(let gray): gray.lines(lines).add(picture, weights, to: sums)
      #endif
      }
      if let target {
        current.round(sums, into: target.dropping(start), start: 0, sites: sites)
      }
    }
  }

  /// What each part's kernel keeps to itself: in the buffer of the plan for as many threads as it has room
  /// for, and behind the plan's bytes for the others.
  struct OwnScratch {
    let planned: Region
    let workers: Int
    let further: Region
    let furtherBytes: Int

    func region(_ part: Int) -> Region {
      part < workers
        ? planned.dropping(part &* quotient(planned.count, workers))
        : further.dropping((part &- workers) &* furtherBytes)
    }
  }

  #if !SPIKELET_WITHOUT_PICTURE_BLOCKS

    extension PictureBlocks {
      /// The same for some lines of the outputs.
      func lines(_ lines: Range<Int>) -> PictureBlocks {
        var part = self
        part.top = top &- lines.lowerBound &* strideHeight
        part.outputHeight = lines.count
        return part
      }
    }

  #endif
  #if !SPIKELET_WITHOUT_GRAY_LINES

    extension GrayLines {
      /// The same for some lines of the outputs.
      func lines(_ lines: Range<Int>) -> GrayLines {
        var part = self
        part.top = top &- lines.lowerBound
        part.outputHeight = lines.count
        return part
      }
    }

  #endif

#endif
