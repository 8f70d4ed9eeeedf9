-- wrk -s post.lua URL -- BODY_FILE
function init(arguments)
    local file = io.open(arguments[1], "rb")
    wrk.method = "POST"
    wrk.body = file:read("*a")
    wrk.headers["Content-Type"] = "application/json"
    file:close()
end
