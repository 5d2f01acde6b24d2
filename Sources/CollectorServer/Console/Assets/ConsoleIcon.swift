/// `/assets/icon.svg`: the gatehouse.
enum ConsoleIcon {
    static let text = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b5ba8"/>\
        <g fill="none" stroke="#fff" stroke-width="2" stroke-linejoin="round" stroke-linecap="round" \
        transform="translate(4 3.5)"><path d="M3 21V8l3-2V3h3v2h6V3h3v3l3 2v13z"/><path d="M9 21v-6a3 3 0 0 1 6 0v6"/>\
        </g></svg>
        """
}
