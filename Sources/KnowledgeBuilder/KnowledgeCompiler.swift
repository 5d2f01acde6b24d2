internal import Fingerprinting
internal import NetworkTypes

/// Writes the compiled knowledge file. The same rules, vendors and registers give the same bytes.
struct KnowledgeCompiler {
    private var pool: [UInt8] = []
    private var strings: [ByteString: Int] = [:]
    private var makerNames: [ByteString] = []
    private var makerFlags: [UInt8] = []
    private var makerClasses: [ByteString: DeviceClass] = [:]
    private var makerIndices: [ByteString: Int] = [:]
    private var tables: [[UInt8]] = Array(repeating: [], count: KnowledgeFormat.Section.allCases.count)

    /// The bytes of the file, or nil where a table is too large for the format.
    static func compile(
        rules: [KnowledgeRule],
        vendors: VendorTable,
        blocks: [AssignmentRegister.Block],
        usb: USBRegister
    ) -> [UInt8]? {
        var compiler = KnowledgeCompiler()
        compiler.addVendors(vendors)
        compiler.addBlocks(blocks, vendors)
        compiler.addUSB(usb, vendors)
        compiler.addRules(rules, vendors)
        guard compiler.makerNames.count <= KnowledgeFormat.maximumRecords, rules.count <= KnowledgeFormat.maximumRecords
        else { return nil }
        for index in compiler.makerNames.indices {
            compiler.appendString(compiler.makerNames[index], to: .makers)
            compiler.append(UInt64(compiler.makerFlags[index]), bytes: 1, to: .makers)
            let deviceClass = compiler.makerClasses[compiler.makerNames[index]] ?? .unknown
            compiler.append(UInt64(deviceClass.rawValue), bytes: 1, to: .makers)
        }
        return compiler.file()
    }

    // MARK: Tables

    private mutating func addVendors(_ vendors: VendorTable) {
        var aliases: [ByteString: Int] = [:]
        for entry in vendors.entries.sorted(by: { $0.name < $1.name }) {
            let flag =
                entry.makesModules ? KnowledgeFormat.MakerFlags.isModuleMaker : KnowledgeFormat.MakerFlags.isVendor
            let index = maker(entry.name, flags: flag)
            makerClasses[entry.name] = entry.deviceClass
            guard !entry.makesModules else { continue }
            for alias in [entry.name] + entry.aliases { aliases[alias.trimmed.lowercasedASCII] = index }
        }
        for alias in aliases.keys.sorted() {
            appendString(alias, to: .aliases)
            append(UInt64(aliases[alias] ?? KnowledgeFormat.noMaker), bytes: 2, to: .aliases)
        }
    }

    private mutating func addBlocks(_ blocks: [AssignmentRegister.Block], _ vendors: VendorTable) {
        let holders = RegisterNames(vendors)
        var known: [ByteString: Int] = [:]
        var seen: Set<UInt64> = []
        // An organisation may have given a block back and another have it now: the first in the file holds.
        let unique = blocks.filter { seen.insert($0.prefix << 4 | UInt64($0.digits)).inserted }
        for block in unique.sorted(by: { ($0.digits, $0.prefix) < ($1.digits, $1.prefix) }) {
            let index = known[block.organisation] ?? maker(holding: block.organisation, holders)
            known[block.organisation] = index
            let section: KnowledgeFormat.Section =
                block.digits == 6 ? .blocks24 : block.digits == 7 ? .blocks28 : .blocks36
            append(block.prefix, bytes: section.recordLength - 2, to: section)
            append(UInt64(index), bytes: 2, to: section)
        }
    }

    private mutating func addUSB(_ register: USBRegister, _ vendors: VendorTable) {
        let holders = RegisterNames(vendors)
        var seen: Set<UInt32> = []
        for vendor in register.vendors.sorted(by: { $0.identifier < $1.identifier })
        where seen.insert(UInt32(vendor.identifier)).inserted {
            append(UInt64(vendor.identifier), bytes: 2, to: .usbVendors)
            append(UInt64(maker(holding: vendor.name, holders)), bytes: 2, to: .usbVendors)
        }
        seen.removeAll()
        for product in register.products.sorted(by: { $0.identifier < $1.identifier })
        where seen.insert(product.identifier).inserted {
            append(UInt64(product.identifier), bytes: 4, to: .usbProducts)
            appendString(OrganisationName.shortened(product.name, to: USBRegister.maximumNameBytes), to: .usbProducts)
        }
    }

    private mutating func maker(holding organisation: ByteString, _ holders: RegisterNames) -> Int {
        if let entry = holders.entry(for: organisation) { return makerIndices[entry.name] ?? KnowledgeFormat.noMaker }
        return maker(OrganisationName.cleaned(organisation), flags: 0)
    }

    private mutating func addRules(_ rules: [KnowledgeRule], _ vendors: VendorTable) {
        struct Entry {
            var selector: UInt8
            var form: UInt8
            var pattern: ByteString
            var rule: Int
        }
        var entries: [Entry] = []
        for (number, rule) in rules.sorted(by: { $0.name < $1.name }).enumerated() {
            var template = ByteString()
            var index = KnowledgeFormat.noMaker
            if let vendor = rule.vendor {
                if vendors.vendor(named: vendor) != nil, let known = makerIndices[vendor] {
                    index = known
                } else {
                    template = vendor
                }
            }
            appendString(rule.name, to: .rules)
            append(UInt64(rule.deviceClass?.rawValue ?? 0), bytes: 1, to: .rules)
            append(0, bytes: 1, to: .rules)
            append(UInt64(rule.weight), bytes: 2, to: .rules)
            append(UInt64(index), bytes: 2, to: .rules)
            for text in [template, rule.model, rule.firmware, rule.operatingSystem] {
                appendString(text ?? ByteString(), to: .rules)
            }
            for matcher in rule.matchers {
                entries.append(
                    Entry(
                        selector: rule.selector.rawValue,
                        form: matcher.form.rawValue,
                        pattern: matcher.pattern,
                        rule: number
                    )
                )
            }
        }
        entries.sort { left, right in
            if (left.selector, left.form) != (right.selector, right.form) {
                return (left.selector, left.form) < (right.selector, right.form)
            }
            return left.pattern == right.pattern ? left.rule < right.rule : left.pattern < right.pattern
        }
        for entry in entries {
            append(UInt64(entry.selector), bytes: 1, to: .matchers)
            append(UInt64(entry.form), bytes: 1, to: .matchers)
            append(UInt64(entry.rule), bytes: 2, to: .matchers)
            appendString(entry.pattern, to: .matchers)
        }
    }

    private mutating func maker(_ name: ByteString, flags: UInt8) -> Int {
        if let index = makerIndices[name] { return index }
        makerIndices[name] = makerNames.count
        makerNames.append(name)
        makerFlags.append(flags)
        return makerNames.count - 1
    }

    // MARK: Bytes

    private mutating func append(_ value: UInt64, bytes count: Int, to section: KnowledgeFormat.Section) {
        for index in 0..<count {
            tables[Int(section.rawValue)].append(UInt8(truncatingIfNeeded: value >> UInt64((count - 1 - index) * 8)))
        }
    }

    private mutating func appendString(_ text: ByteString, to section: KnowledgeFormat.Section) {
        let offset: Int
        if let known = strings[text] {
            offset = known
        } else {
            offset = pool.count
            strings[text] = offset
            pool.append(contentsOf: text.bytes)
        }
        append(UInt64(offset), bytes: 4, to: section)
        append(UInt64(text.count), bytes: 2, to: section)
    }

    private func file() -> [UInt8]? {
        var contents: [UInt8] = []
        func append32(_ value: Int, to bytes: inout [UInt8]) {
            for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
        }
        var offset = KnowledgeFormat.headerLength
        for section in KnowledgeFormat.Section.allCases {
            let table = tables[Int(section.rawValue)]
            append32(offset, to: &contents)
            append32(table.count / section.recordLength, to: &contents)
            offset += table.count
        }
        for table in tables { contents.append(contentsOf: table) }
        contents.append(contentsOf: pool)
        let length = contents.count + KnowledgeFormat.contentsOffset
        guard length <= KnowledgeFormat.maximumLength else { return nil }
        var file = KnowledgeFormat.magic
        append32(Int(KnowledgeFormat.version), to: &file)
        append32(length, to: &file)
        file.append(contentsOf: SHA256.hash(contents))
        return file + contents
    }
}
